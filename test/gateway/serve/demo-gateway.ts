import { setTimeout as wait } from 'node:timers/promises';
import type { Bus, OutgoingRecord, TopicSpec } from '../../../events/bus.ts';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { Engine } from '../../../gateway/engine.ts';
import {
  type Authenticate,
  DEFAULT_LIMITS,
  type GatewayOptions,
  type GatewayTls,
  type HttpRoute,
  type TrustedDocuments,
} from '../../../gateway/options.ts';
import { openDocuments } from '../../../gateway/serve/documents/documents.ts';
import { createHttpServer, type HttpServer } from '../../../gateway/serve/http-server.ts';
import { createPipeline } from '../../../gateway/serve/pipeline.ts';
import type { Tuning } from '../../../gateway/serve/tuning.ts';
import { createSubscriptions } from '../../../gateway/subscriptions/subscriptions.ts';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { AppError } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createTestGraph, type TestGraph } from '../../support/test-subgraphs.ts';

const BILLING = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective", "@requiresScopes"])
  @link(url: "https://specs.example/broker/v1.0", import: ["@edfs__kafkaSubscribe"])
  @link(url: "https://specs.example/openfed/v1.0")
  @composeDirective(name: "@edfs__kafkaSubscribe")
  @composeDirective(name: "@openfed__subscriptionFilter")
directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
directive @openfed__subscriptionFilter(condition: openfed__Condition!) on FIELD_DEFINITION
input openfed__Condition { AND: [openfed__Condition!] IN: openfed__Field OR: [openfed__Condition!] NOT: openfed__Condition }
input openfed__Field { fieldPath: String! values: [openfed__Value]! }
scalar openfed__Value
type Query { invoice(id: ID!): Invoice }
type Subscription {
  invoiceChanged(accountId: ID): Invoice!
    @requiresScopes(scopes: [["billing:read"]])
    @edfs__kafkaSubscribe(topics: ["demo.invoice"])
    @openfed__subscriptionFilter(condition: { IN: { fieldPath: "accountId", values: ["{{ args.accountId }}"] } })
  mine: Invoice!
    @edfs__kafkaSubscribe(topics: ["demo.invoice"])
    @openfed__subscriptionFilter(condition: { IN: { fieldPath: "owner", values: ["{{ claims.sub }}"] } })
  streamed(noun: String!): Invoice! @edfs__kafkaSubscribe(topics: ["demo.{{ args.noun }}"])
  undriven: Invoice
}
type Invoice @key(fields: "id") { id: ID! total: Int! account: Account! secret: String @requiresScopes(scopes: [["secret:read"]]) }
type Account @key(fields: "id", resolvable: false) { id: ID! }`;

const CRM = `
type Query { hello(name: String): String  account(id: ID!): Account  slow(ms: Int!): String }
type Mutation { rename(id: ID!, name: String!): Account }
type Account @key(fields: "id") { id: ID!  name: String! }`;

const toInvoice = ({ id }: { id: string }) => ({
  id,
  total: Number(id.replace(/\D/g, '')) || 0,
  account: { id: 'a1' },
  secret: 's',
});
const toAccount = ({ id }: { id: string }) => ({ id, name: `Account ${id}` });

/** Two subgraphs: one plain, one whose Subscription fields are driven by topics `demo.invoice` and `demo.other`. */
export function createDemoGraph(): TestGraph {
  return createTestGraph([
    {
      name: 'billing',
      sdl: BILLING,
      resolvers: {
        Query: { invoice: (_: never, args: { id: string }) => toInvoice(args) },
        Invoice: { __resolveReference: toInvoice },
      },
    },
    {
      name: 'crm',
      sdl: CRM,
      resolvers: {
        Query: {
          hello: (_: never, { name }: { name?: string }) => `hello ${name ?? 'world'}`,
          account: (_: never, args: { id: string }) => toAccount(args),
          slow: async (_: never, { ms }: { ms: number }) => {
            await wait(ms);
            return 'done';
          },
        },
        Mutation: { rename: (_: never, { id, name }: { id: string; name: string }) => ({ id, name }) },
        Account: { __resolveReference: toAccount },
      },
    },
  ]);
}

/** Topics of the demo graph: one partition and several. */
export const DEMO_TOPICS: readonly TopicSpec[] = [
  { name: 'demo.invoice', partitions: 3, retentionMs: 3_600_000 },
  { name: 'demo.other', partitions: 1, retentionMs: 3_600_000 },
];

/** An identity that lasts an hour of the real clock unless told otherwise. */
export function identityOf(subject: string, tenant: string, scopes: readonly string[], expiresAt?: number): Identity {
  return { subject, tenant, roles: ['sales'], scopes, expiresAt: expiresAt ?? Date.now() + 3_600_000, tokenId: null };
}

/** Bearer tokens of the demo: what a verifier would make of them. `forged` and `expired` are refused. */
export const PEOPLE: Readonly<Record<string, Identity>> = {
  ada: identityOf('ada', 'acme', ['billing:read']),
  eve: identityOf('eve', 'globex', ['billing:read']),
  bob: identityOf('bob', 'acme', []),
};

export interface DemoOptions {
  readonly graph?: TestGraph;
  readonly bus?: Bus;
  readonly people?: Readonly<Record<string, Identity>>;
  /** Instead of `people`. */
  readonly authenticate?: Authenticate;
  readonly routes?: readonly HttpRoute[];
  readonly ready?: () => boolean | Promise<boolean>;
  readonly tuning?: Partial<Tuning>;
  readonly clock?: Clock;
  readonly bufferLimit?: number;
  readonly bodyBytes?: number;
  readonly tls?: GatewayTls;
  readonly trustedDocuments?: TrustedDocuments;
  readonly apq?: GatewayOptions['apq'];
  readonly batching?: GatewayOptions['batching'];
  readonly compression?: GatewayOptions['compression'];
  readonly cacheControl?: boolean;
  /** Another engine round the one of the graph. */
  readonly engine?: (engine: Engine) => Engine;
}

export interface Demo {
  readonly url: string;
  readonly graphql: string;
  readonly engine: Engine;
  readonly server: HttpServer;
  readonly graph: TestGraph;
  close(graceMs?: number): Promise<void>;
}

/** The secret all demo gateways share, so that a cursor of one is good at the next. */
export const CURSOR_SECRET = 'test-secret';

function authenticateBy(people: Readonly<Record<string, Identity>>): Authenticate {
  return async (token) => {
    const identity = Object.hasOwn(people, token) ? people[token] : undefined;
    if (!identity) throw new AppError('UNAUTHENTICATED', `refused: ${token}`);
    return identity;
  };
}

/** A gateway on a free port, made of the same parts as `createGateway`, with times and counts that tests may turn. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { graph = createDemoGraph(), bus, people, clock = systemClock, bufferLimit, tuning } = options;
  const findDocument = await openDocuments(options);
  const made = await createEngine({ supergraph: graph.supergraphSdl, transport: graph.transport, clock });
  const engine = options.engine ? options.engine(made) : made;
  const subscriptions = createSubscriptions({
    engine,
    cursorSecret: CURSOR_SECRET,
    clock,
    logger: silentLogger,
    ...(bus ? { bus } : {}),
    ...(bufferLimit === undefined ? {} : { bufferLimit }),
  });
  const authenticate = options.authenticate ?? (people && authenticateBy(people));
  const server = createHttpServer({
    graph: {
      pipeline: createPipeline({
        engine,
        subscriptions,
        authenticate,
        findDocument,
        cacheControl: options.cacheControl,
      }),
      schema: engine.schema,
      batching: options.batching,
      compression: options.compression,
      bodyBytes: options.bodyBytes ?? DEFAULT_LIMITS.bodyBytes,
      endSubscriptions: () => subscriptions.close(),
    },
    routes: options.routes ?? [],
    ready: options.ready ?? (() => true),
    clock,
    logger: silentLogger,
    tuning: { lameDuckMs: 20, ...tuning },
    ...(options.tls ? { tls: options.tls } : {}),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    graphql: `${url}/graphql`,
    engine,
    server,
    graph,
    async close(graceMs = 2_000) {
      await server.close(graceMs);
      await engine.close();
    },
  };
}

/** An event of the demo as a record of the log. */
export function invoiceRecord(id: string, tenant = 'acme', data: Record<string, unknown> = {}): OutgoingRecord {
  const payload = { __typename: 'Invoice', id, type: 'demo.invoice.paid', version: 1, changed: [], ...data };
  return {
    key: id,
    value: Buffer.from(JSON.stringify(payload)),
    headers: {
      ce_specversion: '1.0',
      ce_id: `evt-${tenant}-${id}`,
      ce_source: '/demo',
      ce_type: 'demo.invoice.paid',
      ce_subject: id,
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_tenant: tenant,
      ce_cause: 'LIVE',
    },
  };
}
