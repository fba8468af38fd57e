import { type HrTime, ValueType } from '@opentelemetry/api';
import type { resourceFromAttributes } from '@opentelemetry/resources';
import type { DataPoint, Histogram, MetricData, MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Distribution, DURATION_BUCKETS, type MetricReading, type Registry } from './registry.ts';
import type { Series } from './series.ts';

type Resource = ReturnType<typeof resourceFromAttributes>;
type Sdk = Pick<typeof import('@opentelemetry/sdk-metrics'), 'AggregationTemporality' | 'DataPointType'>;

/** When readings began and when they were read. */
interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toHrTime(milliseconds: number): HrTime {
  return [Math.floor(milliseconds / 1_000), Math.round((milliseconds % 1_000) * 1e6)];
}

function isNumeric(series: Series<number | Distribution>): series is Series<number> {
  return typeof series.value === 'number';
}

function toHistogram({ buckets, sum, count }: Distribution): Histogram {
  return { buckets: { boundaries: [...DURATION_BUCKETS], counts: [...buckets] }, sum, count };
}

function toMetricData(reading: MetricReading, span: Span, { AggregationTemporality, DataPointType }: Sdk): MetricData {
  const { name, definition, series } = reading;
  const toPoint = <Value>({ labels }: Series<unknown>, value: Value): DataPoint<Value> => ({
    ...span,
    attributes: Object.fromEntries(definition.labels.map((label, index) => [label, labels[index]])),
    value,
  });
  const shared = {
    descriptor: { name, description: definition.about, unit: definition.unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (definition.kind === 'histogram') {
    const dataPoints = series.flatMap((one) =>
      isNumeric(one) ? [] : [toPoint(one, toHistogram(one.value as Distribution))],
    );
    return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = series.filter(isNumeric).map((one) => toPoint(one, one.value));
  return definition.kind === 'counter'
    ? { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...shared, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** A registry as OpenTelemetry's exporters read it. */
export function createMetricProducer(options: {
  registry: Registry;
  resource: Resource;
  /** Milliseconds since the epoch at which counting began. */
  startedAt: number;
  sdk: Sdk;
}): MetricProducer & { read(): ResourceMetrics } {
  const { registry, resource, startedAt, sdk } = options;
  const read = (): ResourceMetrics => {
    const span = { startTime: toHrTime(startedAt), endTime: toHrTime(Date.now()) };
    const metrics = registry.read().map((reading) => toMetricData(reading, span, sdk));
    return { resource, scopeMetrics: [{ scope: { name: 'tributary' }, metrics }] };
  };
  return { read, collect: async () => ({ resourceMetrics: read(), errors: [] }) };
}
