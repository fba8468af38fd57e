import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import mongoose from 'mongoose';
import { createFrozenClock } from '../../../lib/clock.ts';
import { loadConfig } from '../../../lib/config.ts';
import { AppError } from '../../../lib/errors.ts';
import { type Logger, silentLogger } from '../../../lib/logger.ts';
import { createConnectionRegistry } from '../../../subgraphs/kit/connections.ts';
import { openSubgraph } from '../../../subgraphs/kit/open-subgraph.ts';
import { defineService, type Runtime, type SubgraphContext } from '../../../subgraphs/kit/service.ts';
import type { Subgraph } from '../../../subgraphs/kit/subgraph.ts';

const SCHEMA = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes", "@authenticated"])
scalar DateTime
scalar Date
scalar Decimal
enum ThingFailure { EXPECTED UNEXPECTED THROWN_TEXT INTERNAL }
type Query {
  thing: Thing @authenticated
  at(moment: DateTime): DateTime @authenticated
  loaderAge: Int @authenticated
  secret: String @requiresScopes(scopes: [["things:secret"]])
}
type Thing @key(fields: "id") {
  id: ID!
  name: String
  fails(how: ThingFailure!): String
  badResult: Int
  missingResult: String!
}
`;

/** A small service that fails in many ways, on a runtime without a database. */
export interface Things {
  readonly subgraph: Subgraph;
  readonly runtime: Runtime;
  /** What its sync did. */
  readonly life: string[];
  close(): Promise<void>;
}

/** Opens it. */
export async function openThings(
  options: { logger?: Logger; runtime?: Runtime; schema?: string } = {},
): Promise<Things> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-things-'));
  const path = join(folder, 'schema.graphql');
  await writeFile(path, options.schema ?? SCHEMA);
  const life: string[] = [];
  const runtime = options.runtime ?? bareRuntime(options.logger ?? silentLogger);
  try {
    const subgraph = await openSubgraph(defineThings(pathToFileURL(path), life), runtime);
    return { subgraph, runtime, life, close: () => subgraph.close() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Nothing here reads the store or the bus; a connection that was never opened has no collections to make. */
function bareRuntime(logger: Logger): Runtime {
  const unused = () => Promise.reject(new Error('not used'));
  const connection = mongoose.createConnection();
  const store = {
    connection,
    outbox: { append: unused, appendRecords: unused },
    inbox: { claim: unused },
    schedule: { set: unused, cancel: unused, find: unused, list: unused, redrive: unused, counts: unused },
    alone: true,
    transaction: unused,
    close: unused,
  };
  const bus = {
    ensureTopics: unused,
    publish: unused,
    consume: unused,
    tail: unused,
    positions: unused,
    reset: unused,
    lag: unused,
    close: unused,
  };
  const clock = createFrozenClock(Date.UTC(2026, 10, 23));
  return {
    config: loadConfig({}),
    store,
    bus,
    connections: createConnectionRegistry([]),
    exists: async (_tenant, ids) => new Set(ids),
    clock,
    logger,
    fetch,
  };
}

function fail({ how }: { how: string }): string {
  if (how === 'EXPECTED') throw new AppError('NOT_FOUND', 'There is none.', { extensions: { shelf: 3 } });
  if (how === 'INTERNAL') throw new AppError('INTERNAL', 'password=hunter2');
  if (how === 'THROWN_TEXT') throw 'password=hunter2';
  throw new Error('password=hunter2');
}

function defineThings(schema: URL, life: string[]) {
  const thing = { id: '1', name: 'a thing', badResult: 'not a number', missingResult: null };
  return defineService({
    name: 'things',
    schema,
    createClient: () => null,
    resolvers: () => ({
      Query: {
        thing: () => thing,
        at: (_parent: unknown, { moment }: { moment?: Date }) => moment ?? null,
        loaderAge: (_parent, _args, context: SubgraphContext) => {
          const counter = context.loader('counter', () => ({ asked: 0 }));
          counter.asked += 1;
          return counter.asked;
        },
        secret: () => 'hush',
      },
      Thing: { fails: (_parent: unknown, args: { how: string }) => fail(args), __resolveReference: () => thing },
    }),
    nodes: { thi: 'Thing' },
    sync: async () => {
      life.push('started');
      return { close: async () => void life.push('stopped') };
    },
  });
}
