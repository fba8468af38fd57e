import type { Bus } from '../events/bus.ts';
import {
  createGateway,
  type Gateway,
  type GatewayConfig,
  readGatewayConfig,
  toSupergraphSource,
} from '../gateway/index.ts';
import { type Config, loadConfig } from '../lib/config.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { AUDIENCES } from './audiences.ts';
import { openAuthentication } from './authentication.ts';
import { createClosing } from './closing.ts';
import { portOf, readCommandLine, wrongUsage } from './command-line.ts';
import { type GatewayParts, toParts } from './gateway-parts.ts';
import { runMain } from './main.ts';
import { hasBroker, openBus } from './open-bus.ts';
import { readSupergraph } from './schema-files.ts';
import { cursorSecret } from './signing.ts';
import { openGatewayTls } from './tls.ts';

const TAKES = '[--supergraph FILE|URL] [--config FILE] [--trusted-documents FILE] [--only-trusted] [--port N]';

/**
 * `npm run gateway [-- --supergraph FILE|URL --config FILE --port N]`: a gateway in a process of its own.
 * With `--supergraph` (SDL, supergraph.yaml, or a URL) it serves any graph and follows its changes, anonymous unless
 * `OIDC_ISSUER` is set, and tells no subgraph who acts. Without, it serves Tributary's own graph over `npm run subgraph`
 * processes, which trust it. SIGHUP has it look for a new supergraph at once.
 */
await runMain(async () => {
  const { values } = readCommandLine(process.argv.slice(2), {
    command: 'gateway',
    takes: TAKES,
    options: {
      supergraph: { type: 'string' },
      config: { type: 'string' },
      'trusted-documents': { type: 'string' },
      'only-trusted': { type: 'boolean', default: false },
      port: { type: 'string' },
    },
  });
  const config = loadConfig({ ...process.env, ...portOf(values.port, 'gateway', TAKES) });
  const settings = values.config === undefined ? {} : await readGatewayConfig(values.config, process.env);
  if (values['only-trusted'] && !values['trusted-documents'] && !settings.trustedDocuments)
    throw wrongUsage('--only-trusted needs a manifest: --trusted-documents FILE.', 'gateway', TAKES);
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const tls = openGatewayTls(config, logger);
  closing.add(async () => tls?.certificate.close());
  const bus = await openBroker(config, logger);
  closing.add(async () => bus?.close());
  const parts = toParts(
    { config, settings, file: values.config ?? '', logger },
    {
      manifest: values['trusted-documents'],
      only: values['only-trusted'],
    },
  );
  const common = { ...parts, ...(tls ? { tls } : {}), ...(bus ? { bus } : {}), logger };
  const gateway =
    values.supergraph === undefined
      ? await openOwn(config, common)
      : await openAny(values.supergraph, settings, config, common);
  closing.add(() => gateway.close());
  process.on('SIGHUP', () => void gateway.reload());
  const { url } = await gateway.listen({ host: config.HOST, port: config.PORT });
  process.stdout.write(`The gateway answers at ${url}/graphql\n`);
  return closing;
});

type Common = GatewayParts & { readonly logger: Logger; readonly bus?: Bus };

async function openAny(place: string, settings: GatewayConfig, config: Config, common: Common): Promise<Gateway> {
  const { transport, ...options } = common;
  const { graceMs: _, warmUp: __, ...polling } = settings.supergraph ?? {};
  return createGateway({
    ...options,
    supergraph: toSupergraphSource(place, polling),
    transport: (supergraphSdl) => transport(supergraphSdl, { trusted: false }),
    ...(config.OIDC_ISSUER ? await authenticated(config, common.logger) : {}),
  });
}

async function openOwn(config: Config, common: Common): Promise<Gateway> {
  const { transport, ...options } = common;
  return createGateway({
    ...options,
    supergraph: await readSupergraph(),
    audiences: AUDIENCES,
    transport: (supergraphSdl) => transport(supergraphSdl, { trusted: true }),
    ...(await authenticated(config, common.logger)),
    cursorSecret: await cursorSecret(config),
  });
}

async function authenticated(config: Config, logger: Logger) {
  const { authenticate, routes } = await openAuthentication(config, logger);
  return { authenticate, routes };
}

/** Processes share events over a broker only: without it, subscriptions refuse. */
async function openBroker(config: Config, logger: Logger): Promise<Bus | null> {
  return hasBroker(config) ? openBus(config, config.DATA_DIR, logger) : null;
}
