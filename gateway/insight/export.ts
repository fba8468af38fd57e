import type { Tracer } from '@opentelemetry/api';
import type { Logger } from '../../lib/logger.ts';
import type { Registry } from './metrics/registry.ts';

/** Where traces and metrics are sent: a collector that speaks OTLP over HTTP, in JSON. */
export interface OtlpOptions {
  /** Its base URL; `/v1/traces` and `/v1/metrics` are below it. */
  readonly endpoint: string;
  /** Sent with every export, for collectors that ask who sends. Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 'tributary-gateway' */
  readonly serviceName?: string;
  /** The share of operations that is traced, from 0 to 1, where the client's `traceparent` does not say. @default 1 */
  readonly sampleRatio?: number;
  /** Milliseconds between exports of metrics; false sends none. @default 60 000 */
  readonly metricsIntervalMs?: number | false;
}

/** A running export. */
export interface Export {
  readonly tracer: Tracer;
  /** Sends what waits, for as long as 2 s, and stops. Never rejects. */
  close(): Promise<void>;
}

/** Spans that may wait to be sent; what comes while so many wait is dropped. */
const QUEUE_LIMIT = 2_048;
const EXPORT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** The name by which backends know the gateway. */
export const SERVICE_NAME = 'tributary-gateway';

function below(endpoint: string, path: string): string {
  return `${endpoint.replace(/\/+$/, '')}${path}`;
}

/** What both exports share. */
interface Sending {
  readonly resource: ReturnType<typeof import('@opentelemetry/resources').resourceFromAttributes>;
  readonly to: (path: string) => { url: string; headers: Record<string, string>; timeoutMillis: number };
}

async function openTraces({ resource, to }: Sending, sampleRatio: number) {
  const [sdk, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const exporter = new OTLPTraceExporter(to('/v1/traces'));
  const batches = { maxQueueSize: QUEUE_LIMIT, exportTimeoutMillis: EXPORT_TIMEOUT_MS };
  return new sdk.BasicTracerProvider({
    resource,
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, batches)],
  });
}

async function openMetrics({ resource, to }: Sending, registry: Registry, exportIntervalMillis: number) {
  const [sdk, { OTLPMetricExporter }, { createMetricProducer }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
    import('./metrics/metric-data.ts'),
  ]);
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(to('/v1/metrics')),
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(EXPORT_TIMEOUT_MS, exportIntervalMillis),
    metricProducers: [createMetricProducer({ registry, resource, startedAt: Date.now(), sdk })],
  });
  return new sdk.MeterProvider({ resource, readers: [reader] });
}

/** Whether all of it was done, and in time. */
async function inTime(work: Promise<unknown>[]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CLOSE_TIMEOUT_MS);
  });
  const done = Promise.all(work).then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/**
 * Starts to export. OpenTelemetry's SDK is loaded here and only here: a gateway that exports nothing never pays for it. A
 * collector that is down or slow costs spans, never a request.
 */
export async function openExport(options: OtlpOptions, parts: { registry: Registry; logger: Logger }): Promise<Export> {
  const { endpoint, headers = {}, serviceName = SERVICE_NAME, sampleRatio = 1, metricsIntervalMs = 60_000 } = options;
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const sending: Sending = {
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    to: (path) => ({ url: below(endpoint, path), headers: { ...headers }, timeoutMillis: EXPORT_TIMEOUT_MS }),
  };
  const traces = await openTraces(sending, sampleRatio);
  const metrics = metricsIntervalMs === false ? null : await openMetrics(sending, parts.registry, metricsIntervalMs);
  return {
    tracer: traces.getTracer('tributary'),
    async close() {
      if (await inTime([traces.shutdown(), ...(metrics ? [metrics.shutdown()] : [])])) return;
      parts.logger.warn({ collector: new URL(endpoint).origin }, 'The last traces or metrics could not be sent.');
    },
  };
}
