import { readFile } from 'node:fs/promises';
import type { Bus } from '../events/bus.ts';
import {
  composeSupergraph,
  createGateway,
  createHttpTransport,
  type Gateway,
  type GatewayOptions,
  readRoutingUrls,
} from '../gateway/index.ts';
import { type ClientTls, readClientTls } from '../lib/client-tls.ts';
import { systemClock } from '../lib/clock.ts';
import { type Config, loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { createIdentitySigner } from '../lib/subgraph-identity.ts';
import { openAuthentication } from './authentication.ts';
import { createClosing } from './closing.ts';
import { portOf, readCommandLine } from './command-line.ts';
import { runMain } from './main.ts';
import { hasBroker, openBus } from './open-bus.ts';
import { readSupergraph } from './schema-files.ts';
import { cursorSecret, subgraphIdentityKey } from './signing.ts';
import { openGatewayTls } from './tls.ts';

const TAKES = '[--supergraph FILE] [--port N]';

/**
 * `npm run gateway [-- --supergraph FILE --port N]`: a gateway in a process of its own.
 * With `--supergraph` (SDL or supergraph.yaml) it serves any graph, anonymous unless `OIDC_ISSUER` is set, and tells no
 * subgraph who acts. Without, it serves Tributary's own graph over `npm run subgraph` processes, which trust it.
 */
await runMain(async () => {
  const { values } = readCommandLine(process.argv.slice(2), {
    command: 'gateway',
    takes: TAKES,
    options: { supergraph: { type: 'string' }, port: { type: 'string' } },
  });
  const config = loadConfig({ ...process.env, ...portOf(values.port, 'gateway', TAKES) });
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const tls = openGatewayTls(config, logger);
  closing.add(async () => tls?.certificate.close());
  const bus = await openBroker(config, logger);
  closing.add(async () => bus?.close());
  const common = { ...(tls ? { tls } : {}), ...(bus ? { bus } : {}), logger };
  const gateway = values.supergraph ? await openAny(values.supergraph, config, common) : await openOwn(config, common);
  closing.add(() => gateway.close());
  const { url } = await gateway.listen({ host: config.HOST, port: config.PORT });
  process.stdout.write(`The gateway answers at ${url}/graphql\n`);
  return closing;
});

type Common = Pick<GatewayOptions, 'tls' | 'bus'> & { readonly logger: Logger };

async function openAny(file: string, config: Config, common: Common): Promise<Gateway> {
  const supergraph = await readAny(file);
  const { logger } = common;
  const identity = config.OIDC_ISSUER ? await authenticated(config, logger) : {};
  const transport = createHttpTransport({
    subgraphs: toSubgraphs(supergraph, config, false),
    tls: subgraphTls(config),
    logger,
  });
  return createGateway({ supergraph, transport, ...common, ...identity });
}

async function openOwn(config: Config, common: Common): Promise<Gateway> {
  const { logger } = common;
  const supergraph = await readSupergraph();
  const signer = createIdentitySigner({ privateKey: await subgraphIdentityKey(config), clock: systemClock });
  const transport = createHttpTransport({
    subgraphs: toSubgraphs(supergraph, config, true),
    sign: signer.sign,
    tls: subgraphTls(config),
    logger,
  });
  const own = { ...(await authenticated(config, logger)), cursorSecret: await cursorSecret(config) };
  return createGateway({ supergraph, transport, ...common, ...own });
}

function subgraphTls({ SUBGRAPH_CA: ca, SUBGRAPH_CERT: cert, SUBGRAPH_KEY: key }: Config): ClientTls {
  return readClientTls('SUBGRAPH', { ca, cert, key }, systemClock);
}

async function authenticated(config: Config, logger: Logger): Promise<Pick<GatewayOptions, 'authenticate' | 'routes'>> {
  const { authenticate, routes } = await openAuthentication(config, logger);
  return { authenticate, routes };
}

/** Processes share events over a broker only: without it, subscriptions refuse. */
async function openBroker(config: Config, logger: Logger): Promise<Bus | null> {
  return hasBroker(config) ? openBus(config, config.DATA_DIR, logger) : null;
}

async function readAny(file: string): Promise<string> {
  if (/\.ya?ml$/.test(file)) return (await composeSupergraph({ file })).supergraphSdl;
  return readFile(file, 'utf8').catch((cause) => {
    throw new AppError('SUPERGRAPH_INVALID', `The supergraph file ${file} cannot be read.`, { cause });
  });
}

/** Each subgraph at the supergraph's routing URL, or where `SUBGRAPH_URLS` says it is. AppError CONFIG_INVALID for a name it has not. */
function toSubgraphs(supergraph: string, { SUBGRAPH_URLS: elsewhere = {} }: Config, trusted: boolean) {
  const urls = readRoutingUrls(supergraph);
  const unknown = Object.keys(elsewhere).find((name) => !Object.hasOwn(urls, name));
  if (unknown)
    throw new AppError('CONFIG_INVALID', `SUBGRAPH_URLS names ${unknown}, which the supergraph does not have.`, {
      extensions: { variable: 'SUBGRAPH_URLS' },
    });
  return Object.fromEntries(
    Object.entries(urls).map(([name, url]) => [name, { url: elsewhere[name] ?? url, trusted }]),
  );
}
