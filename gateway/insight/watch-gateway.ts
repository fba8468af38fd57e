import { createRouteServer } from '../create-route-server.ts';
import type { LiveEngine } from '../live/live-engine.ts';
import type { Gateway, GatewayOptions, HttpRoute } from '../options.ts';
import type { Subscriptions } from '../subscriptions/subscriptions.ts';
import type { Insight } from './create-insight.ts';

/** Metrics that parts of a gateway stand at, read when somebody asks. */
export function watchGateway(
  { registry }: Pick<Insight, 'registry'>,
  { engine, subscriptions }: { engine: Pick<LiveEngine, 'status'>; subscriptions: Pick<Subscriptions, 'running'> },
): void {
  registry?.observe('tributary.subscriptions.running', () => [[[], subscriptions.running]]);
  registry?.observe('tributary.schema.generation', () => [[[], engine.status().generation]]);
  registry?.observe('tributary.schema.refused', () => [[[], engine.status().failure ? 1 : 0]]);
  registry?.observe('tributary.schema.failures', () => [[[], engine.status().failures]]);
}

/** The page for Prometheus, where it is on the gateway's own port. */
export function metricsRoutes({ prometheus }: Pick<Insight, 'prometheus'>): readonly HttpRoute[] {
  return prometheus && !prometheus.address ? [prometheus.route] : [];
}

/** A server, and beside it, where insight has a port of its own, the one for Prometheus: plain http, nothing else on it. */
export function withMetricsServer(
  server: Pick<Gateway, 'listen' | 'close'>,
  { prometheus }: Pick<Insight, 'prometheus'>,
  options: Pick<GatewayOptions, 'logger' | 'clock'>,
): Pick<Gateway, 'listen' | 'close'> {
  if (!prometheus?.address) return server;
  const { route, address } = prometheus;
  const metrics = createRouteServer({ ...options, routes: [route] });
  return {
    async listen(at) {
      const bound = await server.listen(at);
      await metrics.listen(address);
      return bound;
    },
    async close(graceMs) {
      await server.close(graceMs);
      await metrics.close(0);
    },
  };
}
