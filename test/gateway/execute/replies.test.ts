import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Answer } from '../../../gateway/answer.ts';
import { createExecutor, type Executor } from '../../../gateway/execute/execute.ts';
import type { FastOutcome, FetchedReply } from '../../../gateway/execute/fast-path.ts';
import type { Schedule } from '../../../gateway/execute/schedule.ts';
import type { ShapedOperation } from '../../../gateway/plan/prepare.ts';
import { loadSupergraph } from '../../../gateway/supergraph/load-supergraph.ts';
import type { SubgraphRequest } from '../../../gateway/transport/transport.ts';
import { AppError } from '../../../lib/errors.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { type EngineUnderTest, openEngine, toJson } from '../../support/federation-cases.ts';

let ours: EngineUnderTest;
let executor: Executor;
let outcome: (schedule: Schedule) => FastOutcome | null;
const sent: SubgraphRequest[] = [];

beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'shop',
      sdl: `type Query { cart(n: Int): Cart } type Cart { id: ID! owner: Owner }
        type Owner @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: { Query: { cart: () => ({ id: 'c', owner: { id: 'o1' } }) } },
    },
    {
      name: 'info',
      sdl: 'type Query { up: Int } type Owner @key(fields: "id") { id: ID! name: String }',
      resolvers: { Owner: { __resolveReference: () => ({ id: 'o1' }), name: () => 'sent' } },
    },
  ]);
  const { transport } = ours.graph;
  executor = createExecutor({
    supergraph: loadSupergraph(ours.graph.supergraphSdl),
    transport: {
      ...transport,
      send: (request) => {
        sent.push(request);
        return transport.send(request);
      },
    },
    logger: silentLogger,
    fast: {
      tryExecute: (_operation, _context, schedule) => {
        const made = outcome(schedule);
        return made && Promise.resolve(made);
      },
    },
  });
});
afterAll(() => ours.engine.close());
beforeEach(() => {
  sent.length = 0;
});

async function run(made: (schedule: Schedule) => FastOutcome | null) {
  outcome = made;
  const operation = (await ours.engine.prepare({ query: '{ cart { id owner { name } } }' }, null)) as ShapedOperation;
  const headers = { 'x-a': '1' };
  const onExchange = () => {};
  const correlation = {};
  const signal = new AbortController().signal;
  const context = { identity: null, requestId: 'r1', signal, headers, onExchange, correlation };
  return toJson((await executor.execute(operation, context)).result);
}

const leave = (...replies: [number, FetchedReply][]): FastOutcome => ({ kind: 'left', replies: new Map(replies) });
const reply = (variablesJson: string, body: unknown): FetchedReply => ({
  variablesJson,
  outcome: { response: { status: 200, bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) } },
});
const CART = reply('{}', { data: { cart: { id: 'c', owner: { __typename: 'Owner', id: 'o1' } } } });
const ASKED = '{"representations":[{"__typename":"Owner","id":"o1"}]}';

describe('the exact executor', () => {
  it('is not asked where the short way answers', async () => {
    const answer = { data: { cart: null } };
    expect(await run(() => ({ kind: 'answered', answer: Answer.ofResult(answer) }))).toEqual(answer);
    expect(sent).toEqual([]);
  });

  it('does everything where the short way is not for the operation', async () => {
    expect(await run(() => null)).toEqual({ data: { cart: { id: 'c', owner: { name: 'sent' } } } });
    expect(sent.map(({ subgraph }) => subgraph)).toEqual(['shop', 'info']);
  });

  it('goes on from the replies there are, without sending those again', async () => {
    expect(await run(() => leave([0, CART]))).toEqual({ data: { cart: { id: 'c', owner: { name: 'sent' } } } });
    expect(sent.map(({ subgraph }) => subgraph)).toEqual(['info']);
    sent.length = 0;
    const owner = reply(ASKED, { data: { _entities: [{ name: 'kept' }] } });
    expect(await run(() => leave([0, CART], [1, owner]))).toEqual({
      data: { cart: { id: 'c', owner: { name: 'kept' } } },
    });
    expect(sent).toEqual([]);
  });

  it('does not take a reply to another question', async () => {
    const owner = reply('{"representations":[{"__typename":"Owner","id":"o2"}]}', {
      data: { _entities: [{ name: 'x' }] },
    });
    expect(await run(() => leave([0, CART], [1, owner]))).toEqual({
      data: { cart: { id: 'c', owner: { name: 'sent' } } },
    });
  });

  it.each([
    [
      'what the transport threw',
      { variablesJson: ASKED, outcome: { error: new AppError('SUBGRAPH_TIMEOUT', 'late') } },
      'SUBGRAPH_TIMEOUT',
    ],
    ['a body that is no JSON', reply(ASKED, '<html>'), 'SUBGRAPH_INVALID_RESPONSE'],
    ['errors', reply(ASKED, { data: null, errors: [{ message: 'no', extensions: { code: 'CONFLICT' } }] }), 'CONFLICT'],
  ])('tells of a reply what it would have told itself: %s', async (_, owner, code) => {
    expect(await run(() => leave([0, CART], [1, owner]))).toMatchObject({
      data: { cart: { id: 'c', owner: { name: null } } },
      errors: [{ path: ['cart', 'owner', 'name'], extensions: { code, service: 'info' } }],
    });
    expect(sent).toEqual([]);
  });
});

describe('a request to a subgraph', () => {
  it('carries what the client sent, who listens, and its variables as text and as objects', async () => {
    await run(() => null);
    const [, info] = sent;
    expect(info).toMatchObject({ requestId: 'r1', clientHeaders: { 'x-a': '1' }, variablesJson: ASKED });
    expect(info?.onExchange).toBeTypeOf('function');
    expect(info?.correlation).toBeTypeOf('object');
    expect(info?.variables).toEqual(JSON.parse(ASKED));
    expect({ ...info }.variables).toEqual(JSON.parse(ASKED));
  });
});
