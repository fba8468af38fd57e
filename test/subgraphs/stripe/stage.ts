import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';
import Stripe from 'stripe';
import { createIngressRoutes } from '../../../app/ingress.ts';
import type { Bus, BusRecord } from '../../../events/bus.ts';
import { fromRecord } from '../../../events/envelope.ts';
import type { TributaryEvent } from '../../../events/event.ts';
import { systemClock } from '../../../lib/clock.ts';
import { loadConfig } from '../../../lib/config.ts';
import type { Identity } from '../../../lib/identity.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { type StripeObject, type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/index.ts';
import { startRelay } from '../../../store/relay.ts';
import type { Store } from '../../../store/store.ts';
import { type Connection, createConnectionRegistry } from '../../../subgraphs/kit/connections.ts';
import { openSubgraph } from '../../../subgraphs/kit/open-subgraph.ts';
import type { Runtime, Service } from '../../../subgraphs/kit/service.ts';
import type { Subgraph, SubgraphAnswer } from '../../../subgraphs/kit/subgraph.ts';
import { createClient, type StripeClients } from '../../../subgraphs/stripe/client.ts';
import { stripe } from '../../../subgraphs/stripe/index.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { openTestStore } from '../../support/test-store.ts';

/** The accounts of the stage, by connection. */
export const ACCOUNTS = {
  default: { tenant: 'acme', apiKey: 'sk_test_acme', secret: 'whsec_acme' },
  globex: { tenant: 'globex', apiKey: 'sk_test_globex', secret: 'whsec_globex' },
} as const;

export type AccountName = keyof typeof ACCOUNTS;

const SCOPES = ['billing:read', 'billing:write', 'pii:read'];

/** The Stripe subgraph on a real store and bus, its vendor the sandbox, its webhooks over HTTP. */
export interface Stage {
  readonly store: Store;
  readonly bus: Bus;
  readonly sandbox: StripeSandbox;
  readonly service: Service<StripeClients>;
  readonly subgraph: Subgraph;
  readonly url: string;
  connection(name?: AccountName): Connection;
  /** Stripe's own package, on the sandbox. */
  vendor(name?: AccountName): Stripe;
  ask(document: string, variables?: Record<string, unknown>, identity?: Partial<Identity>): Promise<SubgraphAnswer>;
  /** Posts a body as Stripe would; answers the status. */
  post(payload: string | Buffer, options?: { header?: string; path?: string; secret?: string }): Promise<number>;
  /** What has been published on our topics so far. */
  events(): Promise<TributaryEvent[]>;
  deadLetters(): Promise<BusRecord[]>;
  close(): Promise<void>;
}

/** The id of an account that no tenant has; every other one exists here. */
export const NO_ACCOUNT = 'acc_00000000000000000000000000';

/** Opens it. `webhooks: false` leaves the sandbox's events undelivered, so that a test brings them in its own order. */
export async function openStage(
  options: {
    seed?: Partial<Record<AccountName, readonly StripeObject[]>>;
    webhooks?: boolean;
    sync?: boolean;
    /** What all of it uses in place of the bus it opens. */
    wrapBus?: (bus: Bus) => Bus;
  } = {},
): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-stripe-'));
  const [store, opened] = await Promise.all([openTestStore(), openTestBus()]);
  const bus = options.wrapBus?.(opened) ?? opened;
  const { server, url, serve } = await openIngress();
  const sandbox = await startStripeSandbox({ port: 0, dataDir, accounts: sandboxAccounts(url, options) });
  const connections = createConnectionRegistry(
    Object.entries(ACCOUNTS).map(([id, { tenant, apiKey, secret }]) => ({
      id,
      vendor: 'stripe',
      tenant,
      baseUrl: sandbox.url,
      apiKey,
      webhookSecrets: ['whsec_rolled', secret],
    })),
  );
  const runtime: Runtime = {
    config: loadConfig({}),
    store,
    bus,
    connections,
    exists: async (_tenant, ids) => new Set(ids.filter((id) => id !== NO_ACCOUNT)),
    clock: systemClock,
    logger: silentLogger,
    fetch,
  };
  const subgraph = await openSubgraph(stripe, runtime);
  serve(subgraph);
  const relay = await startRelay({ connection: store.connection, bus });
  if (options.sync !== false) await subgraph.start();
  return {
    store,
    bus,
    sandbox,
    subgraph,
    url,
    service: { runtime, client: createClient(runtime) },
    connection: (name = 'default') => connections.find('stripe', name) as Connection,
    vendor: (name = 'default') => vendorAt(sandbox.url, ACCOUNTS[name].apiKey),
    ask: (document, variables = {}, identity = {}) => ask(subgraph, document, variables, identity),
    post: (payload, given = {}) => post(url, payload, given),
    events: async () =>
      (await readAll(bus, ['stripe.customer', 'stripe.subscription', 'stripe.invoice'])).map(fromRecord),
    deadLetters: () => readAll(bus, ['stripe.inbound.dlq']),
    close: async () => {
      await sandbox.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await subgraph.close();
      await relay.close();
      await bus.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function sandboxAccounts(url: string, { seed = {}, webhooks = true }: Parameters<typeof openStage>[0] & object) {
  return Object.entries(ACCOUNTS).map(([id, { apiKey, secret }]) => ({
    id,
    apiKeys: [apiKey],
    seed: () => seed[id as AccountName] ?? [],
    ...(webhooks ? { webhook: { url: `${url}/webhooks/stripe/${id}`, secret } } : {}),
  }));
}

async function openIngress(): Promise<{ server: Server; url: string; serve: (subgraph: Subgraph) => void }> {
  let handle: ReturnType<typeof createIngressRoutes>[number]['handle'] | undefined;
  const server = createServer(
    (request, response) => void (handle ? handle(request, response) : response.writeHead(503).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const serve = ({ webhook }: Subgraph) => {
    if (webhook) handle = createIngressRoutes(new Map([['stripe', webhook]]), silentLogger)[0]?.handle;
  };
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, serve };
}

/** Stripe's own package on an address. */
export function vendorAt(url: string, apiKey: string): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(apiKey, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** An identity of the tenant `acme` that may do everything with billing. */
export function identityOf(given: Partial<Identity> = {}): Identity {
  const base = { subject: 'ann', tenant: 'acme', roles: [], scopes: SCOPES, expiresAt: Infinity, tokenId: null };
  return { ...base, ...given };
}

function ask(subgraph: Subgraph, text: string, variables: Record<string, unknown>, identity: Partial<Identity>) {
  const kind = text.trimStart().startsWith('mutation') ? ('mutation' as const) : ('query' as const);
  return subgraph.execute({
    operation: { kind, text, document: parse(text) },
    variables,
    identity: identityOf(identity),
    requestId: 'r1',
    signal: new AbortController().signal,
  });
}

async function post(
  url: string,
  payload: string | Buffer,
  {
    header,
    path = '/webhooks/stripe',
    secret = ACCOUNTS.default.secret,
  }: { header?: string; path?: string; secret?: string },
): Promise<number> {
  const signature = new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload: String(payload), secret });
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'stripe-signature': header ?? signature, 'content-type': 'application/json' },
    body: payload as never,
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function readAll(bus: Bus, topics: readonly string[]): Promise<BusRecord[]> {
  const [from, to] = await Promise.all([bus.positions(topics, 'earliest'), bus.positions(topics, 'latest')]);
  const records: BusRecord[] = [];
  const total = to.reduce((sum, { offset }, index) => sum + offset - (from[index]?.offset ?? 0), 0);
  if (total === 0) return records;
  const ends = new Map(to.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
  const tail = await bus.tail({ topics, from, onRecord: (record) => void records.push(record) });
  const isAtEnd = () =>
    tail.positions().every(({ topic, partition, offset }) => offset >= (ends.get(`${topic}/${partition}`) ?? 0));
  while (!isAtEnd()) await new Promise((resolve) => setTimeout(resolve, 5));
  await tail.close();
  return records;
}
