import type { Tracer } from '@opentelemetry/api';
import type { Logger } from '../../lib/logger.ts';
import type { Engine } from '../engine.ts';
import type { HttpRoute } from '../options.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import { type Export, openExport } from './export.ts';
import { createFetchMeter } from './metrics/fetch-meters.ts';
import { createMeterMirror } from './metrics/meter-mirror.ts';
import { createOperationNames } from './metrics/operation-names.ts';
import { createPrometheusRoute } from './metrics/prometheus.ts';
import { createRegistry, type Registry } from './metrics/registry.ts';
import { Observation } from './observation.ts';
import { observeEngine } from './observed-engine.ts';
import { createOperationLog } from './operation-log.ts';
import type { InsightOptions } from './options.ts';
import { beginTrace } from './tracing/operation-trace.ts';
import { withFetchTraces } from './tracing/traced-transport.ts';

/** Insight into one gateway: what goes around its parts, and what it serves. */
export interface Insight {
  /** Around the engine, outside of its hooks. */
  readonly engine: (engine: Engine) => Engine;
  /** Around the transport, inside of the hooks: what hooks answer is no span. */
  readonly transport: (transport: SubgraphTransport) => SubgraphTransport;
  /** For parts that count by themselves; null when nobody wants metrics. */
  readonly registry: Registry | null;
  /** Where Prometheus asks, and on which port if not on the gateway's own; null when it does not. */
  readonly prometheus: { readonly route: HttpRoute; readonly address: { host: string; port: number } | null } | null;
  /** Sends what waits to be sent. */
  close(): Promise<void>;
}

/** The instrumentation scope of everything that is told. */
const SCOPE = 'tributary';

function openRegistry({ otlp, meterProvider, prometheus }: InsightOptions): Registry | null {
  if (!prometheus && !meterProvider && (!otlp || otlp.metricsIntervalMs === false)) return null;
  return createRegistry(meterProvider && createMeterMirror(meterProvider.getMeter(SCOPE)));
}

function toPrometheus({ prometheus }: InsightOptions, registry: Registry | null): Insight['prometheus'] {
  if (!prometheus || !registry) return null;
  if ('path' in prometheus) return { route: createPrometheusRoute(registry, prometheus.path), address: null };
  const { port, host = '127.0.0.1' } = prometheus;
  return { route: createPrometheusRoute(registry, '/metrics'), address: { host, port } };
}

/** Insight as the options have it; what they do not ask for is not there. */
export async function createInsight(options: InsightOptions = {}, { logger }: { logger: Logger }): Promise<Insight> {
  const { otlp, tracerProvider, operationNames, operationLog, explain = 'scope' } = options;
  const registry = openRegistry(options);
  const exported: Export | null = otlp
    ? await openExport(otlp, { registry: registry ?? createRegistry(), logger })
    : null;
  const tracer: Tracer | null = tracerProvider?.getTracer(SCOPE) ?? exported?.tracer ?? null;
  const running = { count: 0 };
  registry?.observe('tributary.operations.running', () => [[[], running.count]]);
  const observing = {
    registry,
    fetchMeter: registry && createFetchMeter(registry),
    nameOf: createOperationNames({ known: operationNames }),
    log: operationLog ? createOperationLog(operationLog, { logger }) : null,
    explain,
    beginTrace: tracer && ((context, startedAt) => beginTrace(tracer, context, startedAt)),
    running,
  } satisfies Parameters<typeof observeEngine>[1];
  return {
    engine: (engine) => observeEngine(engine, observing),
    transport(transport) {
      watchBreakers(transport, registry);
      return tracer ? withFetchTraces(transport, traceOf) : transport;
    },
    registry,
    prometheus: toPrometheus(options, registry),
    close: async () => exported?.close(),
  };
}

function watchBreakers({ breakers }: SubgraphTransport, registry: Registry | null): void {
  if (!breakers) return;
  registry?.observe('tributary.breaker.open', () =>
    [...breakers()].map(([subgraph, state]) => [[subgraph], state === 'open' ? 1 : 0]),
  );
}

function traceOf(correlation: object | undefined) {
  return correlation instanceof Observation ? correlation.trace : null;
}
