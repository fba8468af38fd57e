import { parse } from 'graphql';
import { createFrozenClock } from '../../../lib/clock.ts';
import { loadConfig } from '../../../lib/config.ts';
import type { Identity } from '../../../lib/identity.ts';
import { silentLogger } from '../../../lib/logger.ts';
import type { Store } from '../../../store/store.ts';
import { crm } from '../../../subgraphs/crm/index.ts';
import { createConnectionRegistry } from '../../../subgraphs/kit/connections.ts';
import { openSubgraph } from '../../../subgraphs/kit/open-subgraph.ts';
import type { Runtime } from '../../../subgraphs/kit/service.ts';
import type { Subgraph, SubgraphAnswer } from '../../../subgraphs/kit/subgraph.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { openTestStore } from '../../support/test-store.ts';
import { identityOf } from '../kit/identity.ts';

/** An event of the outbox, as far as tests look at it. */
export interface ToldEvent {
  readonly topic: string;
  readonly key: string;
  readonly data: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

/** The CRM on an embedded store and bus of its own. */
export async function openCrm() {
  const [store, bus] = await Promise.all([openTestStore(), openTestBus()]);
  const clock = createFrozenClock(Date.UTC(2026, 10, 23, 8));
  const runtime = toRuntime(store, bus, clock);
  const subgraph = await openSubgraph(crm, runtime);
  const ask = (source: string, variables: Record<string, unknown> = {}, identity: Identity | null = identityOf()) =>
    askSubgraph(subgraph, source, variables, identity);
  return {
    store,
    bus,
    clock,
    runtime,
    subgraph,
    ask,
    events: () => readOutbox(store),
    countCommands: <Result>(run: () => Promise<Result>) => countCommands(store, run),
    close: async () => {
      await subgraph.close();
      await Promise.all([store.close(), bus.close()]);
    },
  };
}

/** What openCrm gives. */
export type TestCrm = Awaited<ReturnType<typeof openCrm>>;

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
type Answer = any;

/** One operation, its answer as it would arrive over HTTP. */
export async function askSubgraph(
  subgraph: Subgraph,
  source: string,
  variables: Record<string, unknown>,
  identity: Identity | null,
): Promise<SubgraphAnswer & { data: Answer }> {
  const answer = await subgraph.execute({
    operation: { kind: 'query', text: source, document: parse(source) },
    variables,
    identity,
    requestId: 'request-1',
    signal: new AbortController().signal,
  });
  return JSON.parse(JSON.stringify(answer));
}

/** A runtime as the composition roots make it. */
export function toRuntime(store: Store, bus: Runtime['bus'], clock: Runtime['clock']): Runtime {
  const config = loadConfig({});
  return {
    config,
    store,
    bus,
    connections: createConnectionRegistry([]),
    exists: async (_tenant, ids) => new Set(ids),
    clock,
    logger: silentLogger,
    fetch,
  };
}

async function readOutbox(store: Store): Promise<ToldEvent[]> {
  const rows = await store.connection.collection('outbox').find().sort({ _id: 1 }).toArray();
  return rows.map(({ topic, key, value, headers }) => ({
    topic,
    key,
    headers,
    data: JSON.parse(Buffer.from(value.buffer ?? value).toString('utf8')),
  }));
}

/** The store commands a run sends, as `collection.method`. */
async function countCommands<Result>(
  store: Store,
  run: () => Promise<Result>,
): Promise<{ result: Result; commands: string[] }> {
  const commands: string[] = [];
  store.connection.set('debug', (collection: string, method: string) => commands.push(`${collection}.${method}`));
  try {
    return { result: await run(), commands };
  } finally {
    store.connection.set('debug', false);
  }
}
