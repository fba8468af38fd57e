import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';
import { assemble, executeIncrementally, runDeferred } from './deferred-answers.ts';

const user = (id: string) => ({ __typename: 'User', id });
let ours: EngineUnderTest;

beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'people',
      sdl: `type Query { users: [User] user(id: ID!): User nodes: [Node!]! }
        type Mutation { rename: User! again: Int }
        interface Node { id: ID! }
        type User implements Node @key(fields: "id") { id: ID! name: String bio: String boss: User }
        type Robot implements Node { id: ID! }`,
      resolvers: {
        Query: {
          users: () => [user('u1'), null, user('u2')],
          user: (_: unknown, { id }: { id: string }) => (id === 'no' ? null : user(id)),
          nodes: () => [{ __typename: 'Robot', id: 'r1' }, user('u1')],
        },
        Mutation: { rename: () => user('u1'), again: () => 1 },
        User: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }) => `Name ${id}`,
          bio: ({ id }: { id: string }) => `Bio ${id}`,
          boss: ({ id }: { id: string }) => (id === 'u1' ? user('u2') : null),
        },
      },
    },
    {
      name: 'stats',
      sdl: `type Query { total: Int }
        type User @key(fields: "id") { id: ID! score: Int strict: Int! shop: Shop }
        type Shop @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { total: () => 3 },
        User: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          score: ({ id }: { id: string }) => Number(id.slice(1)) * 10,
          strict: ({ id }: { id: string }) => (id === 'u2' ? null : 1),
          shop: ({ id }: { id: string }) => (id === 'u3' ? null : { id: `s-${id}` }),
        },
      },
    },
    {
      name: 'shops',
      sdl: 'type Query { open: Int } type Shop @key(fields: "id") { id: ID! title: String }',
      resolvers: {
        Query: { open: () => 1 },
        Shop: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          title: ({ id }: { id: string }) => `Shop ${id}`,
        },
      },
    },
  ]);
});
afterAll(() => ours.engine.close());
beforeEach(() => {
  ours.graph.intercept(() => undefined);
  ours.graph.calls.length = 0;
});

const run = (query: string, variables?: Record<string, unknown>) => runDeferred(ours.engine, query, variables);
const asked = () => ours.graph.calls.map(({ subgraph }) => subgraph);

describe('a deferred part', () => {
  it('comes after the rest, with its path and label', async () => {
    expect(await run('{ user(id: "u1") { name ... @defer(label: "later") { score } } }')).toEqual({
      initial: { data: { user: { name: 'Name u1' } } },
      pending: [{ id: '0', path: ['user'], label: 'later' }],
      parts: [{ id: '0', data: { score: 10 }, errors: [], pending: [] }],
    });
  });

  it('has no label when the client gave none', async () => {
    expect((await run('{ user(id: "u1") { name ... @defer { score } } }')).pending[0]?.label).toBeNull();
  });

  it('comes once for each object of a list, holes apart', async () => {
    const { initial, pending, parts } = await run('{ users { name ... @defer { score } } }');
    expect(initial.data).toEqual({ users: [{ name: 'Name u1' }, null, { name: 'Name u2' }] });
    expect(pending.map(({ path }) => path)).toEqual([
      ['users', 0],
      ['users', 2],
    ]);
    expect(parts.map(({ data }) => data)).toEqual([{ score: 10 }, { score: 20 }]);
    expect(asked()).toEqual(['people', 'stats']);
  });

  it('uses the response names of the client', async () => {
    const { pending, parts } = await run('{ me: user(id: "u1") { name ... @defer { points: score t: __typename } } }');
    expect(pending[0]?.path).toEqual(['me']);
    expect(parts[0]?.data).toEqual({ points: 10, t: 'User' });
  });

  it('is dropped with the object it belongs to', async () => {
    const answer = await executeIncrementally(ours.engine, '{ user(id: "no") { name ... @defer { score } } }');
    expect(answer.deferred).toBeNull();
    expect(answer.result).toEqual({ data: { user: null } });
  });

  it('speaks of objects of its type only', async () => {
    const { initial, pending, parts } = await run('{ nodes { id ... on User @defer { score } } }');
    expect(initial.data).toEqual({ nodes: [{ id: 'r1' }, { id: 'u1' }] });
    expect(pending.map(({ path }) => path)).toEqual([['nodes', 1]]);
    expect(parts.map(({ data }) => data)).toEqual([{ score: 10 }]);
  });

  it('may be of the root', async () => {
    const { initial, pending, parts } = await run('{ user(id: "u1") { name } ... @defer { total } }');
    expect(initial.data).toEqual({ user: { name: 'Name u1' } });
    expect(pending.map(({ path }) => path)).toEqual([[]]);
    expect(parts.map(({ data }) => data)).toEqual([{ total: 3 }]);
  });

  it('may repeat and deepen what came first', async () => {
    const answer = await run('{ user(id: "u1") { boss { name } ... @defer { boss { name score } } } }');
    expect(answer.parts[0]?.data).toEqual({ boss: { name: 'Name u2', score: 20 } });
  });

  it('of a mutation is asked for after the mutation', async () => {
    const answer = await run('mutation { rename { name ... @defer { score } } again }');
    expect(answer.initial.data).toEqual({ rename: { name: 'Name u1' }, again: 1 });
    expect(answer.parts[0]?.data).toEqual({ score: 10 });
    expect(asked().at(-1)).toBe('stats');
  });
});

describe('@defer(if:)', () => {
  const query = 'query($on: Boolean!) { user(id: "u1") { name ... @defer(if: $on) { score } } }';

  it('defers when it is true', async () => {
    expect((await run(query, { on: true })).parts).toHaveLength(1);
  });

  it('answers at once when it is false', async () => {
    const answer = await run(query, { on: false });
    expect(answer).toEqual({ initial: { data: { user: { name: 'Name u1', score: 10 } } }, pending: [], parts: [] });
  });
});

describe('several parts', () => {
  it('side by side come each on its own', async () => {
    const answer = await run(
      '{ user(id: "u1") { id ...@defer(label: "a") { name } ...@defer(label: "b") { score } } }',
    );
    expect(answer.initial.data).toEqual({ user: { id: 'u1' } });
    const byLabel = new Map(answer.pending.map(({ id, label }) => [label, answer.parts.find((one) => one.id === id)]));
    expect(byLabel.get('a')?.data).toEqual({ name: 'Name u1' });
    expect(byLabel.get('b')?.data).toEqual({ score: 10 });
  });

  it('one in the other are announced by the outer one', async () => {
    const answer = await run(
      '{ user(id: "u1") { name ...@defer(label: "out") { shop { id ...@defer(label: "in") { title } } } } }',
    );
    expect(answer.pending.map(({ label }) => label)).toEqual(['out']);
    expect(answer.parts).toEqual([
      {
        id: '0',
        data: { shop: { id: 's-u1' } },
        errors: [],
        pending: [{ id: '1', path: ['user', 'shop'], label: 'in' }],
      },
      { id: '1', data: { title: 'Shop s-u1' }, errors: [], pending: [] },
    ]);
  });

  it('inside one that became null are dropped', async () => {
    const answer = await run('{ user(id: "u3") { name ...@defer { shop { id ...@defer { title } } } } }');
    expect(answer.parts).toEqual([{ id: '0', data: { shop: null }, errors: [], pending: [] }]);
  });

  it.each([
    '{ users { id ...@defer { name score shop { id ...@defer { title } } } boss { name ...@defer { bio score } } } }',
    '{ a: user(id: "u1") { ...F } b: user(id: "u2") { ...F } } fragment F on User { ...@defer { score ...@defer { bio } } }',
    '{ nodes { ... on User { name ...@defer { shop { title } } } id } total }',
  ])('make up the answer that comes without deferring: %s', async (query) => {
    const answer = await run(query);
    expect(answer.parts.length).toBeGreaterThan(0);
    expect(assemble(answer)).toEqual((await ours.run({ query })).data);
  });
});

describe('what fails in a part', () => {
  const failing = (subgraph: string) =>
    ours.graph.intercept((request) => {
      if (request.subgraph === subgraph) throw new AppError('SUBGRAPH_TIMEOUT', 'late');
      return undefined;
    });

  it('is told with the part, at the path in the whole answer', async () => {
    failing('stats');
    const { initial, parts } = await run('{ users { name ... @defer { score } } }');
    expect(initial.errors).toBeUndefined();
    expect(parts.map(({ data }) => data)).toEqual([{ score: null }, { score: null }]);
    expect(parts.map(({ errors }) => errors.map(({ path, extensions }) => [path, extensions?.['code']]))).toEqual([
      [[['users', 0, 'score'], 'SUBGRAPH_TIMEOUT']],
      [[['users', 2, 'score'], 'SUBGRAPH_TIMEOUT']],
    ]);
  });

  it('nulls the part when it may not be null', async () => {
    const { parts } = await run('{ users { name ... @defer { strict } } }');
    expect(parts.map(({ data }) => data)).toEqual([{ strict: 1 }, null]);
    expect(parts.map(({ errors }) => errors.map(({ path }) => path))).toEqual([[], [['users', 2, 'strict']]]);
  });
});

describe('a client that stops reading', () => {
  it('has what is left cancelled', async () => {
    const signals: AbortSignal[] = [];
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { transport } = ours.graph;
    const send = transport.send;
    ours.graph.transport.send = async (request) => {
      signals.push(request.signal);
      if (request.subgraph === 'stats') await held;
      return send(request);
    };
    try {
      const answer = await executeIncrementally(ours.engine, '{ user(id: "u1") { name ... @defer { score } } }');
      const iterator = answer.deferred?.parts[Symbol.asyncIterator]();
      const next = iterator?.next();
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
      await iterator?.return?.();
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
      expect(await next).toEqual({ done: true, value: undefined });
    } finally {
      release();
      ours.graph.transport.send = send;
    }
  });
});
