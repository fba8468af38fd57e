import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { type Demo, PEOPLE, startDemo } from './demo-gateway.ts';
import { readAnswer } from './read-answer.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ people: PEOPLE });
});
afterAll(() => demo.close());

function ask(authorization: string | null, body = '{"query":"{hello}"}') {
  const headers = { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) };
  return fetch(demo.graphql, { method: 'POST', headers, body });
}

describe('a gateway with authentication', () => {
  it('answers who it knows', async () => {
    expect(await (await ask('Bearer ada')).json()).toEqual({ data: { hello: 'hello world' } });
    expect((await ask('bearer ada')).status).toBe(200);
  });

  it.each([
    null,
    '',
    'ada',
    'Bearer',
    'Bearer ',
    'Bearer forged',
    'Bearer expired',
    'Basic ada',
    'Bearer ada bob',
    'Bearer __proto__',
  ])('refuses %j, always alike', async (authorization) => {
    const response = await ask(authorization);
    expect([response.status, response.headers.get('www-authenticate'), await response.text()]).toEqual([
      401,
      'Bearer',
      '{"errors":[{"message":"A valid bearer token is needed.","extensions":{"code":"UNAUTHENTICATED"}}]}',
    ]);
  });

  it.each(['{ nope', '{ nope }', '{ __schema { types { name } } }', 'subscription { mine { id } }'])(
    'looks at no GraphQL of anonymous callers: %s',
    async (query) => {
      expect((await ask(null, JSON.stringify({ query }))).status).toBe(401);
    },
  );

  it('hands the identity to subgraphs', async () => {
    demo.graph.calls.length = 0;
    await ask('Bearer eve');
    expect(demo.graph.calls[0]?.identity?.tenant).toBe('globex');
  });

  it('prunes what the scopes do not reach and says which is missing', async () => {
    const response = await ask('Bearer ada', '{"query":"{ invoice(id: \\"in_3\\") { total secret } }"}');
    const { data, errors } = await readAnswer(response);
    expect(data).toEqual({ invoice: { total: 3, secret: null } });
    expect(errors).toMatchObject([
      { path: ['invoice', 'secret'], extensions: { code: 'FORBIDDEN', missingScopes: ['secret:read'] } },
    ]);
  });
});

describe('an authenticator that fails', () => {
  it.each([
    [new AppError('VENDOR_UNAVAILABLE', 'No keys yet.'), 503, 'VENDOR_UNAVAILABLE'],
    [new Error('db password'), 500, 'INTERNAL'],
  ])('is answered by its code, or masked', async (error, status, code) => {
    const failing = await startDemo({ authenticate: () => Promise.reject(error) });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
    const response = await fetch(failing.graphql, { method: 'POST', headers, body: '{"query":"{hello}"}' });
    const text = await response.text();
    await failing.close();
    expect([response.status, JSON.parse(text).errors[0].extensions.code]).toEqual([status, code]);
    expect(text).not.toMatch(/password/);
  });
});
