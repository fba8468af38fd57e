import { createGateway, createLocalTransport, type GatewayTls } from '../gateway/index.ts';
import type { Config } from '../lib/config.ts';
import { openDataDir } from '../lib/data-dir.ts';
import type { Logger } from '../lib/logger.ts';
import { createOwnCertificateFetch } from '../lib/own-certificate-fetch.ts';
import { ownOrigin } from '../lib/own-origin.ts';
import { AUDIENCES } from './audiences.ts';
import { type Authentication, openAuthentication } from './authentication.ts';
import { createClosing } from './closing.ts';
import { toConnections, usesStripeSandbox } from './connections.ts';
import { loadDemo } from './demo-data.ts';
import { createExplorerRoutes, isExplorerServed } from './explorer.ts';
import { toBoundPort } from './free-port.ts';
import { createIngressRoutes } from './ingress.ts';
import { toInsightOfStart } from './insight.ts';
import type { Stoppable } from './main.ts';
import { openRuntime } from './runtime.ts';
import { openStripeSandbox, toSandboxConnections } from './sandboxes.ts';
import { readSupergraph } from './schema-files.ts';
import { seedDemo } from './seed-demo.ts';
import { openServices } from './services.ts';
import { cursorSecret } from './signing.ts';
import { openGatewayTls } from './tls.ts';

/** A whole Tributary in this process. */
export interface Server extends Stoppable {
  readonly url: string;
  /** Where the vendor sandboxes answer, by vendor; empty when the real ones are used. */
  readonly sandboxes: Readonly<Record<string, string>>;
  /** Whether this start loaded the demo data. */
  readonly seeded: boolean;
}

/**
 * Starts gateway, subgraphs, consumers and whatever is embedded, in one process.
 * Rejects with a coded AppError, everything opened so far closed again.
 */
export async function startServer(given: Config, logger: Logger): Promise<Server> {
  const closing = createClosing();
  try {
    const config = { ...given, PORT: await toBoundPort(given.PORT, given.HOST) };
    const server = await open(config, logger, closing);
    return { ...server, close: () => closing.close() };
  } catch (error) {
    await closing.close().catch((cause) => logger.error({ err: cause }, 'Closing after a failed start failed too.'));
    throw error;
  }
}

type Closing = ReturnType<typeof createClosing>;

async function open(config: Config, logger: Logger, closing: Closing): Promise<Omit<Server, 'close'>> {
  const dataDir = await openDataDir({ path: config.DATA_DIR });
  closing.add(() => dataDir.close());
  const tls = openTls(config, logger, closing);
  const authentication = await openAuthentication(config, logger);
  const demo = usesStripeSandbox(config) ? await loadDemo(dataDir.path) : null;
  const place = { dataDir: dataDir.path, gatewayUrl: ownOrigin(config), ...posting(tls, closing) };
  const sandboxes: Server['sandboxes'] = demo ? await openSandboxes({ config, demo, logger, ...place }, closing) : {};
  const connections = toConnections(config, sandboxes['stripe'] ? toSandboxConnections(sandboxes['stripe']) : []);
  const runtime = await openRuntime({ config, dataDir: dataDir.path, connections, logger });
  closing.add(() => runtime.close());
  const services = await openServices(runtime);
  closing.add(() => services.close());
  const seeded = demo !== null && !config.MONGODB_URI && (await seedDemo(runtime, demo));
  const gateway = await createGateway({
    supergraph: await readSupergraph(),
    transport: createLocalTransport(services.subgraphs),
    authenticate: authentication.authenticate,
    audiences: AUDIENCES,
    bus: runtime.bus,
    cursorSecret: await cursorSecret(config),
    routes: [
      ...authentication.routes,
      ...createIngressRoutes(services.receivers, logger),
      ...explorerRoutes(config, authentication),
    ],
    ready: runtime.ready,
    insight: toInsightOfStart(config),
    ...(tls ? { tls } : {}),
    logger,
  });
  closing.add(() => gateway.close());
  await services.startSync();
  const { url } = await gateway.listen({ host: config.HOST, port: config.PORT });
  return { url, sandboxes, seeded };
}

function openTls(config: Config, logger: Logger, closing: Closing): GatewayTls | null {
  const tls = openGatewayTls(config, logger);
  closing.add(async () => tls?.certificate.close());
  return tls;
}

/** The sandbox posts to this very process, whose certificate may be of an authority nobody here knows. */
function posting(tls: GatewayTls | null, closing: Closing): Pick<SandboxOptions, 'fetch'> {
  if (!tls) return {};
  const own = createOwnCertificateFetch(tls.certificate);
  closing.add(() => own.close());
  return { fetch: own.fetch };
}

type SandboxOptions = Parameters<typeof openStripeSandbox>[0];

async function openSandboxes(options: SandboxOptions, closing: Closing): Promise<{ readonly stripe: string }> {
  const sandbox = await openStripeSandbox(options);
  closing.add(() => sandbox.close());
  return { stripe: sandbox.url };
}

function explorerRoutes(config: Config, { mint }: Authentication) {
  return isExplorerServed(config) ? createExplorerRoutes({ signIn: mint && { mint, host: config.HOST } }) : [];
}
