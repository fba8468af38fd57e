import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, PEOPLE, startDemo } from './demo-gateway.ts';
import { outcomeOf } from './read-answer.ts';

let demo: Demo;
let authenticated = 0;
beforeAll(async () => {
  demo = await startDemo({
    batching: { max: 6 },
    authenticate: async () => {
      authenticated += 1;
      return PEOPLE['ada'] as never;
    },
  });
});
afterAll(() => demo.close());

function post(body: unknown, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', authorization: 'Bearer ada', ...headers };
  return fetch(demo.graphql, { method: 'POST', headers: all, body: JSON.stringify(body) });
}
const hello = (name: string) => ({ query: 'query($name: String) { hello(name: $name) }', variables: { name } });

describe('a batch', () => {
  it('is answered in its order, whoever is ready first, and asks once who the caller is', async () => {
    authenticated = 0;
    const response = await post([
      { query: '{ slow(ms: 120) }' },
      hello('b'),
      { query: '{ slow(ms: 30) }' },
      hello('d'),
      hello('e'),
    ]);
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      200,
      'application/json; charset=utf-8',
      [
        { data: { slow: 'done' } },
        { data: { hello: 'hello b' } },
        { data: { slow: 'done' } },
        { data: { hello: 'hello d' } },
        { data: { hello: 'hello e' } },
      ],
    ]);
    expect(authenticated).toBe(1);
  });

  it('answers each entry that fails by itself', async () => {
    const response = await post([
      { query: '{' },
      hello('b'),
      1,
      { query: 'subscription { mine { id } }' },
      { query: '{ nope }' },
    ]);
    const answers = (await response.json()) as { errors?: { extensions: { code: string } }[] }[];
    expect(answers.map(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? 'answered')).toEqual([
      ['GRAPHQL_PARSE_FAILED'],
      'answered',
      ['BAD_REQUEST'],
      ['NOT_ACCEPTABLE'],
      ['GRAPHQL_VALIDATION_FAILED'],
    ]);
  });

  it('runs few of its entries at once', async () => {
    let [running, most] = [0, 0];
    demo.graph.intercept(() => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
      }, 30);
      return undefined;
    });
    await post(Array.from({ length: 6 }, (_, index) => ({ query: `{ a${index}: slow(ms: 30) }` })));
    demo.graph.intercept(() => undefined);
    expect(most).toBe(4);
  });

  it('is answered in the type that is accepted', async () => {
    const response = await post([hello('a')], { accept: 'application/graphql-response+json' });
    expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect(await outcomeOf(await post([hello('a')], { accept: 'text/event-stream' }))).toEqual([406, 'NOT_ACCEPTABLE']);
  });

  it.each([
    ['that is empty', [], 'BAD_REQUEST'],
    ['that is too long', Array.from({ length: 7 }, () => hello('a')), 'LIMIT_EXCEEDED'],
  ])('%s is refused whole', async (_name, body, code) => {
    demo.graph.calls.length = 0;
    expect(await outcomeOf(await post(body))).toEqual([400, code]);
    expect(demo.graph.calls).toEqual([]);
  });

  it.each([
    ['is off unless it is asked for', undefined, 2, 400],
    ['holds ten when no number is given', true, 10, 200],
    ['holds no more than ten then', true, 11, 400],
  ])('%s', async (_name, batching, length, status) => {
    const own = await startDemo(batching === undefined ? {} : { batching });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(Array.from({ length }, () => hello('a')));
    expect((await fetch(own.graphql, { method: 'POST', headers, body })).status).toBe(status);
    await own.close();
  });
});
