import { randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { silentLogger } from '../lib/logger.ts';
import { createSchemaRoute } from './audience/schema-route.ts';
import { createInsight, type Insight } from './insight/create-insight.ts';
import { metricsRoutes, watchGateway, withMetricsServer } from './insight/watch-gateway.ts';
import type { LiveEngine } from './live/live-engine.ts';
import { toSchemaHealth } from './live/schema-status.ts';
import { openEngine } from './open-engine.ts';
import { DEFAULT_LIMITS, type Gateway, type GatewayOptions } from './options.ts';
import { openDocuments } from './serve/documents/documents.ts';
import { createHttpServer, type HttpServer, type ServedGraph } from './serve/http-server.ts';
import { createPipeline } from './serve/pipeline.ts';
import { withRedirect } from './serve/with-redirect.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';

/**
 * A gateway for any supergraph: engine, subscriptions and server, put together. It closes what it makes; the transport and the
 * bus stay their maker's. AppError SUPERGRAPH_INVALID when the supergraph does not load, CONFIG_INVALID when the manifest of
 * trusted documents cannot be used, or when there are audiences and no authentication.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { bus, authenticate, logger = silentLogger, clock = systemClock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (options.audiences?.length && !authenticate)
    // Nobody would be of any audience, and everybody would have the whole graph.
    throw new AppError('CONFIG_INVALID', 'Audiences need authentication: without it all callers are the same.', {
      extensions: { setting: 'audiences' },
    });
  const findDocument = await openDocuments(options);
  const insight = await createInsight(options.insight, { logger });
  const opened = await openEngine(options, insight).catch((error: unknown) =>
    insight.close().then(() => Promise.reject(error)),
  );
  const { engine } = opened;
  const cursorSecret = options.cursorSecret ?? randomBytes(32).toString('base64url');
  const subscriptions = createSubscriptions({
    engine,
    changes: engine,
    cursorSecret,
    clock,
    logger,
    ...(bus ? { bus } : {}),
  });
  watchGateway(insight, { engine, subscriptions });
  const { cacheControl } = options;
  const server = serve(options, insight, engine, {
    pipeline: createPipeline({ engine, subscriptions, authenticate, findDocument, cacheControl }),
    schema: engine.schema,
    bodyBytes: limits.bodyBytes,
    endSubscriptions: () => subscriptions.close(),
  });
  const served = withMetricsServer(withRedirect(server, options.tls, logger), insight, { logger, clock });
  return {
    listen: (address) => served.listen(address),
    reload: () => opened.reload(),
    schemaStatus: () => engine.status(),
    async close(graceMs) {
      await served.close(graceMs);
      await opened.close();
      await insight.close();
    },
  };
}

function serve(options: GatewayOptions, insight: Insight, engine: LiveEngine, graph: ServedGraph): HttpServer {
  const { batching, compression, routes = [], ready = () => true, tls } = options;
  return createHttpServer({
    graph: { ...graph, batching, compression },
    routes: [...routes, ...metricsRoutes(insight), createSchemaRoute(engine, options.authenticate)],
    ready: () => engine.status().generation > 0 && ready(),
    readyDetail: () => ({ schema: toSchemaHealth(engine.status()) }),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    ...(tls ? { tls } : {}),
  });
}
