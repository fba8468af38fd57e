import { randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createEngine } from './create-engine.ts';
import { createHooks } from './hooks/create-hooks.ts';
import { DEFAULT_LIMITS, type Gateway, type GatewayOptions } from './options.ts';
import { openDocuments } from './serve/documents/documents.ts';
import { createHttpServer, type HttpServer, type ServedGraph } from './serve/http-server.ts';
import { createPipeline } from './serve/pipeline.ts';
import { withRedirect } from './serve/with-redirect.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';

/**
 * A gateway for any supergraph: engine, subscriptions and server, put together. It closes what it makes; the transport and the
 * bus stay their maker's. AppError SUPERGRAPH_INVALID when the supergraph does not load, CONFIG_INVALID when the manifest of
 * trusted documents cannot be used.
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
  const findDocument = await openDocuments(options);
  const hooked = createHooks(options.hooks ?? [], logger);
  const engine = hooked.engine(
    await createEngine({
      supergraph,
      transport: hooked.transport(transport),
      limits,
      logger,
      clock,
      ...(authorization === undefined ? {} : { authorization }),
    }),
  );
  const cursorSecret = options.cursorSecret ?? randomBytes(32).toString('base64url');
  const subscriptions = createSubscriptions({ engine, cursorSecret, clock, logger, ...(bus ? { bus } : {}) });
  const { cacheControl } = options;
  const server = serve(options, {
    pipeline: createPipeline({ engine, subscriptions, authenticate, findDocument, cacheControl }),
    schema: engine.schema,
    bodyBytes: limits.bodyBytes,
    endSubscriptions: () => subscriptions.close(),
  });
  const served = withRedirect(server, options.tls, logger);
  return {
    listen: (address) => served.listen(address),
    async close(graceMs) {
      await served.close(graceMs);
      await engine.close();
    },
  };
}

function serve(options: GatewayOptions, graph: ServedGraph): HttpServer {
  const { batching, compression, routes = [], ready = () => true, tls } = options;
  return createHttpServer({
    graph: { ...graph, batching, compression },
    routes,
    ready,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    ...(tls ? { tls } : {}),
  });
}
