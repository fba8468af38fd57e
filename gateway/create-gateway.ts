import { randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createEngine } from './create-engine.ts';
import { DEFAULT_LIMITS, type Gateway, type GatewayOptions } from './options.ts';
import { createHttpServer } from './serve/http-server.ts';
import { createHttpsOnly } from './serve/https-only.ts';
import { createPipeline } from './serve/pipeline.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';

const DEFAULT_GRACE_MS = 10_000;

/**
 * A gateway for any supergraph: engine, subscriptions and server, put together. It closes what it makes; the transport and the
 * bus stay their maker's. AppError SUPERGRAPH_INVALID when the supergraph does not load.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const {
    supergraph,
    transport,
    bus,
    authenticate,
    authorization,
    logger = silentLogger,
    clock = systemClock,
  } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const engine = await createEngine({
    supergraph,
    transport,
    limits,
    logger,
    clock,
    ...(authorization === undefined ? {} : { authorization }),
  });
  const cursorSecret = options.cursorSecret ?? randomBytes(32).toString('base64url');
  const subscriptions = createSubscriptions({ engine, cursorSecret, clock, logger, ...(bus ? { bus } : {}) });
  const server = createHttpServer({
    pipeline: createPipeline({ engine, subscriptions, authenticate }),
    schema: engine.schema,
    routes: options.routes ?? [],
    ready: options.ready ?? (() => true),
    bodyBytes: limits.bodyBytes,
    endSubscriptions: () => subscriptions.close(),
    clock,
    logger,
    ...(options.tls ? { tls: options.tls } : {}),
  });
  const httpsOnly = options.tls && createHttpsOnly({ certificate: options.tls.certificate, logger });
  return {
    async listen({ host, port }) {
      const bound = await server.listen({ host, port });
      const redirectPort = options.tls?.redirectPort;
      if (redirectPort !== undefined) await httpsOnly?.listen({ host, port: redirectPort, httpsPort: bound.port });
      return { url: bound.url };
    },
    async close(graceMs = DEFAULT_GRACE_MS) {
      await httpsOnly?.close();
      await server.close(graceMs);
      await engine.close();
    },
  };
}
