import type { ServerResponse } from 'node:http';
import type { HttpRoute } from '../../options.ts';
import type { Registry } from './registry.ts';

/** Prometheus' text format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

async function createWriter(registry: Registry, startedAt: number): Promise<() => string> {
  const [{ PrometheusSerializer }, sdk, { emptyResource }, { createMetricProducer }] = await Promise.all([
    import('@opentelemetry/exporter-prometheus'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/resources'),
    import('./metric-data.ts'),
  ]);
  const producer = createMetricProducer({ registry, resource: emptyResource(), startedAt, sdk });
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return () => serializer.serialize(producer.read());
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store', ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** A registry as a page for Prometheus. The serializer is loaded when somebody first asks. */
export function createPrometheusRoute(registry: Registry, path: string): HttpRoute {
  const startedAt = Date.now();
  let writer: Promise<() => string> | null = null;
  return {
    prefix: path,
    async handle(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, '', { allow: 'GET, HEAD' });
      writer ??= createWriter(registry, startedAt);
      send(response, 200, (await writer)());
    },
  };
}
