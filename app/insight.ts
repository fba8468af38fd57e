import type { GatewayOptions } from '../gateway/index.ts';
import type { Config } from '../lib/config.ts';

type InsightOptions = NonNullable<GatewayOptions['insight']>;

/** Milliseconds from which an operation is slow to `LOG_OPERATIONS=slow`. */
const SLOW_MS = 1_000;

function toOtlp(config: Config): Pick<InsightOptions, 'otlp'> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: encoded = {} } = config;
  if (endpoint === undefined) return {};
  const headers = Object.fromEntries(
    Object.entries(encoded).map(([name, value]) => [name.trim().toLowerCase(), decode(value.trim())]),
  );
  const { OTEL_SERVICE_NAME: serviceName, OTEL_TRACES_SAMPLER_ARG: sampleRatio = 1 } = config;
  return { otlp: { endpoint, headers, serviceName, sampleRatio } };
}

/** Values are percent-encoded, but not everybody knows: one that cannot be decoded is meant as it stands. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function toLog({ LOG_OPERATIONS }: Config): Pick<InsightOptions, 'operationLog'> {
  if (LOG_OPERATIONS === 'none') return {};
  return { operationLog: LOG_OPERATIONS === 'all' ? {} : { sampleRatio: 0, slowMs: SLOW_MS } };
}

/** What the environment wants to be told of a gateway. */
export function toInsight(config: Config): InsightOptions {
  const { METRICS_PORT: port, METRICS_HOST: host } = config;
  return { ...toOtlp(config), ...toLog(config), ...(port === undefined ? {} : { prometheus: { port, host } }) };
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** The same for `npm start`, which shows its metrics on its own port too while nobody from elsewhere can reach it. */
export function toInsightOfStart(config: Config): InsightOptions {
  const isPrivate = LOOPBACK.has(config.HOST) && config.NODE_ENV !== 'production';
  return { ...(isPrivate ? { prometheus: { path: '/metrics' } } : {}), ...toInsight(config) };
}
