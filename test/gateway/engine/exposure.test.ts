import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { Engine } from '../../../gateway/engine.ts';
import type { SubgraphResponse } from '../../../gateway/transport/transport.ts';
import { contextOf } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';

const { supergraphSdl } = createTestGraph([
  { name: 'shop', sdl: 'type Query { items: [Item!] } type Item { id: ID! }' },
]);

let reply: SubgraphResponse;
let engine: Engine;
beforeAll(async () => {
  const transport = { send: async () => reply, close: async () => {} };
  engine = await createEngine({ supergraph: supergraphSdl, transport, planner: createInProcessPlanner });
});
afterAll(() => engine.close());

async function ask(query: string) {
  const operation = await engine.prepare({ query, incremental: true }, null);
  return engine.execute(operation, contextOf(null));
}

describe('an answer of very many parts', () => {
  it.each([
    [10_000, true],
    [10_001, false],
  ])('of %d is put off: %s; else it comes whole', async (count, isDeferred) => {
    reply = { data: { items: Array.from({ length: count }, (_, index) => ({ id: String(index) })) } };
    const { result, deferred } = await ask('{ items { ... @defer { id } } }');
    expect(deferred !== null).toBe(isDeferred);
    const items = (result.data?.['items'] ?? []) as object[];
    expect(items).toHaveLength(count);
    expect(items.at(-1)).toEqual(isDeferred ? {} : { id: String(count - 1) });
  });
});

describe('an error of a subgraph', () => {
  it('loses what its server tells of its inside, and what is too long of its message', async () => {
    const inside = {
      stack: 's',
      stackTrace: 's',
      originalError: {},
      debug: 'd',
      debugInfo: {},
      exception: {},
      trace: [],
    };
    const extensions = { ...inside, code: 'NO_STOCK', retryable: true };
    reply = { data: { items: null }, errors: [{ message: 'm'.repeat(9_000), path: ['items'], extensions }] };
    const [error] = (await ask('{ items { id } }')).result.errors ?? [];
    expect(error?.extensions).toEqual({ code: 'NO_STOCK', retryable: true, service: 'shop' });
    expect(error?.message).toHaveLength(2_000);
  });
});
