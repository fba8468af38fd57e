import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import type { Gateway, GatewayOptions } from './options.ts';
import { createHttpServer } from './serve/http-server.ts';
import { withRedirect } from './serve/with-redirect.ts';

/** A gateway's server without a graph: mounted routes and `/health`, with its limits, its TLS and its way to end. */
export function createRouteServer(
  options: Pick<GatewayOptions, 'ready' | 'tls' | 'logger' | 'clock'> & Required<Pick<GatewayOptions, 'routes'>>,
): Pick<Gateway, 'listen' | 'close'> {
  const { routes, ready = () => true, tls, logger = silentLogger, clock = systemClock } = options;
  const server = createHttpServer({ routes, ready, clock, logger, ...(tls ? { tls } : {}) });
  return withRedirect(server, tls, logger);
}
