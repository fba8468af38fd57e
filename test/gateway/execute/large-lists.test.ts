import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';

const SIZE = 100_000;
let ours: EngineUnderTest;

beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'list',
      sdl: `type Query { items: [Item] }
        type Item @key(fields: "id") { id: ID! tags: [[String]] other: Other! }
        type Other @key(fields: "id", resolvable: false) { id: ID! }`,
    },
    {
      name: 'more',
      sdl: 'type Query { n: Int } type Other @key(fields: "id") { id: ID! size: Int must: Int! parts: [Int] }',
    },
  ]);
});
afterAll(() => ours.engine.close());

/** `other` says which entity the item at an index leads to. */
function answerWith(
  other: (index: number) => number,
  entity: (id: string) => unknown = (id) => ({ size: Number(id) }),
): void {
  const items = Array.from({ length: SIZE }, (_, index) => ({
    id: String(index),
    tags: [['a', null], []],
    other: { __typename: 'Other', id: String(other(index)) },
  }));
  ours.graph.intercept(({ subgraph, variables }) => {
    if (subgraph === 'list') return { data: { items } };
    const asked = variables['representations'] as { id: string }[];
    return { data: { _entities: asked.map(({ id }) => entity(id)) } };
  });
}

async function timed(query: string) {
  const operation = await ours.engine.prepare({ query }, null);
  ours.graph.calls.length = 0;
  const start = process.cpuUsage();
  const answer = await ours.engine.execute(operation, {
    identity: null,
    requestId: 'test',
    signal: new AbortController().signal,
  });
  const { user, system } = process.cpuUsage(start);
  return { result: answer.result, ms: (user + system) / 1_000 };
}

/** Quadratic work over so many items would take minutes. */
const BOUND_MS = 15_000;

describe(`a list of ${SIZE} items`, () => {
  it('is fetched, merged and shaped item by item', async () => {
    answerWith((index) => index);
    const { result, ms } = await timed('{ items { id tags other { size } } }');
    const { items } = result.data as { items: unknown[] };
    expect(items).toHaveLength(SIZE);
    expect(items.at(-1)).toEqual({ id: '99999', tags: [['a', null], []], other: { size: 99_999 } });
    expect(ms).toBeLessThan(BOUND_MS);
  });

  it('that all lead to one entity ask for it once', async () => {
    answerWith(() => 7);
    const { result, ms } = await timed('{ items { other { size } } }');
    expect((result.data as { items: unknown[] }).items.at(-1)).toEqual({ other: { size: 7 } });
    expect(ours.asked().at(-1)?.variables).toEqual({ representations: [{ __typename: 'Other', id: '7' }] });
    expect(ms).toBeLessThan(BOUND_MS);
  });

  it('of which every one is in error keeps its data, bounds its errors and its time', async () => {
    answerWith(
      (index) => index % 1_000,
      () => ({ size: 'no number', must: null }),
    );
    const { result, ms } = await timed('{ items { id other { size must } } }');
    expect(result.data).toMatchObject({ items: expect.arrayContaining([null]) });
    expect(result.errors).toHaveLength(100);
    expect(ms).toBeLessThan(BOUND_MS);
  });

  it('about whose one entity there are very many errors is answered in time', async () => {
    answerWith(() => 7);
    const answering = ours.graph.transport.send;
    const errors = Array.from({ length: 10_000 }, () => ({ message: 'no', path: ['_entities', 0, 'size'] }));
    ours.graph.transport.send = async (request) => {
      const response = await answering(request);
      return request.subgraph === 'more' ? { ...response, errors } : response;
    };
    const { result, ms } = await timed('{ items { other { size } } }');
    ours.graph.transport.send = answering;
    expect(result.errors).toHaveLength(100);
    expect(ms).toBeLessThan(BOUND_MS);
  });
});
