import { createRouteServer } from '../gateway/index.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import type { WebhookReceiver } from '../subgraphs/kit/webhook.ts';
import { createIngressRoutes } from './ingress.ts';
import type { Stoppable } from './main.ts';
import { openGatewayTls } from './tls.ts';

/** Serves `/webhooks/<vendor>` and `/health` alone, on the configured host, port and certificate. */
export async function startWebhooks(options: {
  readonly receivers: ReadonlyMap<string, WebhookReceiver>;
  readonly config: Config;
  readonly logger: Logger;
  readonly ready: () => boolean;
}): Promise<Stoppable & { readonly url: string }> {
  const { receivers, config, logger, ready } = options;
  const tls = openGatewayTls(config, logger);
  const routes = createIngressRoutes(receivers, logger);
  const server = createRouteServer({ routes, ready, logger, ...(tls ? { tls } : {}) });
  const close = async () => {
    await server.close();
    tls?.certificate.close();
  };
  try {
    return { ...(await server.listen({ host: config.HOST, port: config.PORT })), close };
  } catch (error) {
    await close();
    throw error;
  }
}
