import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackTransports, type Outcome, openSocket } from '../../support/attack-transports.ts';
import { ATTACKED, type Attack, isAnonymous, isDocument, readAttacks } from '../../support/graphql-attacks.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { type Demo, PEOPLE, startDemo } from './demo-gateway.ts';

const pack = readAttacks();
const cases = pack?.cases ?? [];
/** What no answer shows. */
const INSIDE = /\n\s+at |node_modules|\.ts:\d|"stack|Did you mean|call stack/i;

let demo: Demo;
beforeAll(async () => {
  const sdl = pack?.schema ?? 'type Query { hello: String }';
  demo = await startDemo({ graph: createTestGraph([{ name: 'all', sdl, resolvers: ATTACKED }]), people: PEOPLE });
  await send({ query: '{ hello }' });
});
afterAll(() => demo.close());

function send(body: unknown, headers: Record<string, string> = { authorization: 'Bearer ada' }) {
  const type = { 'content-type': 'application/json' };
  return fetch(demo.graphql, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(body) });
}

describe.skipIf(!pack)('an attack of the pack', () => {
  function attack(one: Attack) {
    const token: Record<string, string> = isAnonymous(one) ? {} : { authorization: 'Bearer ada' };
    const text = typeof one.body === 'string' ? one.body : JSON.stringify(one.body);
    return fetch(one.urlQuery ? `${demo.graphql}?${one.urlQuery}` : demo.graphql, {
      method: one.method,
      headers: { ...one.headers, ...token },
      ...(one.method === 'GET' ? {} : { body: Buffer.from(text) }),
    });
  }

  it.each(cases.map((one) => [one.id, one] as const))('%s does no harm', async (_id, one) => {
    const began = performance.now();
    const response = await attack(one);
    const text = await response.text();
    const { status, maxMs = 5_000, maxBytes = 2_000, maxErrors = 1, notInBody = [], ownKeys = [] } = one.expect;
    expect(status).toContain(response.status);
    // Twice the time of the pack: the machine may be shared.
    expect(performance.now() - began).toBeLessThan(maxMs * 2);
    expect(text.length).toBeLessThanOrEqual(maxBytes);
    expect(text).not.toMatch(INSIDE);
    for (const part of notInBody) expect(text).not.toContain(part);
    const answer = JSON.parse(text);
    expect(answer.errors?.length ?? 0).toBeLessThanOrEqual(maxErrors);
    if (ownKeys.length > 0) expect(Object.keys(answer.data)).toEqual(ownKeys);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await send({ query: '{ hello }' })).status).toBe(200);
  });

  const documents = cases.filter((one) => isDocument(one) && !isAnonymous(one));
  const table = ['GET', 'SSE', 'WebSocket'].flatMap((name) => documents.map((one) => [one.id, name, one] as const));
  it.each(table)('%s does no harm over %s', async (_id, name, one) => {
    const outcome = (await attackTransports({ url: demo.url, token: 'ada' })[name]?.(one.body as object)) as Outcome;
    // What is too long for an address is refused before it is read; a socket has no media types to accept.
    const served = one.id === 'anonymous-subscription' ? [400, 406] : [...one.expect.status, 431];
    expect(served).toContain(outcome.status);
    expect(outcome.text.length).toBeLessThan(2_000);
    expect(outcome.text).not.toMatch(INSIDE);
    expect(outcome.text.match(/"message":/g)?.length ?? 0).toBeLessThanOrEqual(1);
    for (const part of one.expect.notInBody ?? []) expect(outcome.text).not.toContain(part);
    expect((await send({ query: '{ hello }' })).status).toBe(200);
  });
});

describe('a caller without a valid token', () => {
  const CONSTANT = '{"errors":[{"message":"A valid bearer token is needed.","extensions":{"code":"UNAUTHENTICATED"}}]}';
  const JSON_TYPE = { 'content-type': 'application/json' };

  it.each<[string, RequestInit, string?]>([
    ['a query', { method: 'POST', headers: JSON_TYPE, body: '{"query":"{ hello }"}' }],
    ['what is no GraphQL', { method: 'POST', headers: JSON_TYPE, body: '{"query":"{"}' }],
    ['what is no JSON', { method: 'POST', headers: JSON_TYPE, body: '{' }],
    ['a body that is too large', { method: 'POST', headers: JSON_TYPE, body: 'x'.repeat(1_100_000) }],
    [
      'a body in an encoding nobody knows',
      { method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'x' }, body: 'x' },
    ],
    ['a form', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }],
    ['a batch', { method: 'POST', headers: JSON_TYPE, body: '[{"query":"{ hello }"}]' }],
    ['a hash', { method: 'POST', headers: JSON_TYPE, body: '{"documentId":"a"}' }],
    [
      'a stream',
      { method: 'POST', headers: { ...JSON_TYPE, accept: 'text/event-stream' }, body: '{"query":"{ hello }"}' },
    ],
    ['parts', { method: 'POST', headers: { ...JSON_TYPE, accept: 'multipart/mixed' }, body: '{"query":"{ hello }"}' }],
    ['a type nobody serves', { method: 'POST', headers: { ...JSON_TYPE, accept: 'text/html' }, body: '{}' }],
    [
      'the response type',
      { method: 'POST', headers: { ...JSON_TYPE, accept: 'application/graphql-response+json' }, body: '{}' },
    ],
    ['GET', { method: 'GET' }, '?query={hello}'],
    [
      'GET with a preflight header',
      { method: 'GET', headers: { 'apollo-require-preflight': '1' } },
      '?query=mutation{x}',
    ],
    ['another method', { method: 'DELETE' }],
  ])('gets the one constant 401 for %s', async (_name, init, search = '') => {
    const response = await fetch(`${demo.graphql}${search}`, init);
    expect([response.status, await response.text()]).toEqual([401, CONSTANT]);
    const { headers } = response;
    expect([headers.get('content-type'), headers.get('content-length'), headers.get('www-authenticate')]).toEqual([
      'application/json; charset=utf-8',
      String(CONSTANT.length),
      'Bearer',
    ]);
  });

  it.each(['', 'Bearer', 'Bearer forged', 'Basic ada', '__proto__'])(
    'is shown the door of a WebSocket in the same words: %j',
    async (authorization) => {
      const { messages, closed } = await openSocket(demo.graphql, authorization);
      expect([await closed, messages]).toEqual([4401, []]);
    },
  );
});
