import type { Logger } from '../../lib/logger.ts';
import type { Gateway, GatewayTls } from '../options.ts';
import type { HttpServer } from './http-server.ts';
import { createHttpsOnly } from './https-only.ts';

const DEFAULT_GRACE_MS = 10_000;

/** A server, and beside it, where `tls.redirectPort` says so, the one that sends plain http to it. */
export function withRedirect(
  server: HttpServer,
  tls: GatewayTls | undefined,
  logger: Logger,
): Pick<Gateway, 'listen' | 'close'> {
  const httpsOnly = tls && createHttpsOnly({ certificate: tls.certificate, logger });
  return {
    async listen({ host, port }) {
      const bound = await server.listen({ host, port });
      const redirectPort = tls?.redirectPort;
      if (redirectPort !== undefined) await httpsOnly?.listen({ host, port: redirectPort, httpsPort: bound.port });
      return { url: bound.url };
    },
    async close(graceMs = DEFAULT_GRACE_MS) {
      await httpsOnly?.close();
      await server.close(graceMs);
    },
  };
}
