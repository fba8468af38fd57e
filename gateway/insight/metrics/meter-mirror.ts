import type { Attributes, Meter } from '@opentelemetry/api';
import { METRICS, type MetricDefinition, type MetricName } from './definitions.ts';
import { DURATION_BUCKETS, type GaugeReader, type MetricMirror } from './registry.ts';

/** Records everything with the meter of an embedding program as well; what happens to it then is that program's choice. */
export function createMeterMirror(meter: Meter): MetricMirror {
  const attributesOf = (name: MetricName, labels: readonly string[]): Attributes =>
    Object.fromEntries(METRICS[name].labels.map((label, index) => [label, labels[index]]));
  const instruments = <Instrument>(kind: MetricDefinition['kind'], make: (name: MetricName) => Instrument) =>
    new Map(
      (Object.keys(METRICS) as MetricName[])
        .filter((name) => METRICS[name].kind === kind)
        .map((name) => [name, make(name)]),
    );
  const optionsOf = (name: MetricName) => ({ description: METRICS[name].about, unit: METRICS[name].unit });

  const counters = instruments('counter', (name) => meter.createCounter(name, optionsOf(name)));
  const advice = { explicitBucketBoundaries: [...DURATION_BUCKETS] };
  const histograms = instruments('histogram', (name) => meter.createHistogram(name, { ...optionsOf(name), advice }));
  const gauges = instruments('gauge', (name) => meter.createObservableGauge(name, optionsOf(name)));
  const readers = new Map<MetricName, GaugeReader>();
  return {
    add: (name, labels, by) => counters.get(name)?.add(by, attributesOf(name, labels)),
    record: (name, labels, value) => histograms.get(name)?.record(value, attributesOf(name, labels)),
    observe(name, read) {
      const isNew = !readers.has(name);
      readers.set(name, read);
      if (!isNew) return;
      gauges.get(name)?.addCallback((result) => {
        for (const [labels, value] of readers.get(name)?.() ?? []) result.observe(value, attributesOf(name, labels));
      });
    },
  };
}
