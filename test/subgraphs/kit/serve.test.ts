import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../../gateway/transport/http.ts';
import { createFrozenClock } from '../../../lib/clock.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { generateSigningKey, toPublicKey } from '../../../lib/signing-key.ts';
import { createIdentitySigner, createIdentityVerifier, IDENTITY_HEADER } from '../../../lib/subgraph-identity.ts';
import { type ServedSubgraph, serveSubgraph } from '../../../subgraphs/kit/serve.ts';
import { identityOf } from './identity.ts';
import { openThings, type Things } from './open-things.ts';

const NOW = Date.UTC(2026, 10, 23);
const clock = createFrozenClock(NOW);
const key = generateSigningKey();
const verifierFor = (subgraph: string) => createIdentityVerifier({ publicKeys: [toPublicKey(key)], subgraph, clock });
const tokenFor = (subgraph = 'things', scopes: string[] = [], signingKey = key, at = NOW) =>
  createIdentitySigner({ privateKey: signingKey, clock: createFrozenClock(at) }).sign(
    identityOf('acme', scopes),
    subgraph,
  );

let things: Things;
let served: ServedSubgraph;
beforeAll(async () => {
  things = await openThings();
  const verifier = verifierFor('things');
  served = await serveSubgraph(things.subgraph, {
    host: '127.0.0.1',
    port: 0,
    verifier,
    logger: silentLogger,
    bodyBytes: 5_000,
  });
});
afterAll(async () => {
  await served.close();
  await things.close();
});

async function post(body: unknown, headers: Record<string, string> = {}, url = served.url) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  return { status: response.status, data: answer.data, codes: answer.errors?.map(({ extensions }) => extensions.code) };
}
const signed = async (scopes: string[] = []) => ({ [IDENTITY_HEADER]: await tokenFor('things', scopes) });

describe('a subgraph over HTTP', () => {
  it('answers its gateway', async () => {
    expect(await post({ query: '{ thing { name } secret }' }, await signed(['things:secret']))).toEqual({
      status: 200,
      data: { thing: { name: 'a thing' }, secret: 'hush' },
      codes: undefined,
    });
    const service = await post({ query: '{ _service { sdl } }' }, await signed());
    expect(service.data).toEqual({ _service: { sdl: expect.stringContaining('type Thing') } });
  });

  it.each([
    ['no token', async () => ({})],
    ['a client’s bearer token', async () => ({ authorization: `Bearer ${await tokenFor()}` })],
    ['text for a token', async () => ({ [IDENTITY_HEADER]: 'let me in' })],
    ['a token for another subgraph', async () => ({ [IDENTITY_HEADER]: await tokenFor('crm') })],
    ['a token of another key', async () => ({ [IDENTITY_HEADER]: await tokenFor('things', [], generateSigningKey()) })],
    [
      'a token of two minutes ago',
      async () => ({ [IDENTITY_HEADER]: await tokenFor('things', [], key, NOW - 120_000) }),
    ],
  ] as const)('refuses %s, whatever is asked', async (_what, headers) => {
    for (const query of ['{ thing { name } }', '{ _service { sdl } }', '{ __typename }', 'not GraphQL'])
      expect(await post({ query }, await headers())).toEqual({
        status: 401,
        data: undefined,
        codes: ['UNAUTHENTICATED'],
      });
    expect((await fetch(served.url)).status).toBe(401);
    expect((await fetch(new URL('/', served.url))).status).toBe(401);
  });

  it.each([
    ['a body that is not JSON', '{', 400, ['BAD_REQUEST']],
    ['a document that is not GraphQL', { query: '{' }, 400, ['GRAPHQL_PARSE_FAILED']],
    ['an unknown field', { query: '{ nothing }' }, 400, ['GRAPHQL_VALIDATION_FAILED']],
    ['introspection', { query: '{ __schema { types { name } } }' }, 400, ['GRAPHQL_VALIDATION_FAILED']],
    [
      'a variable of the wrong type',
      { query: 'query ($at: DateTime) { at(moment: $at) }', variables: { at: 1 } },
      400,
      ['BAD_USER_INPUT'],
    ],
    ['a body over the limit', { query: `{ thing { name } } #${'x'.repeat(5_000)}` }, 413, ['PAYLOAD_TOO_LARGE']],
    ['a field beyond the scopes', { query: '{ secret }' }, 200, ['FORBIDDEN']],
    ['a failing resolver', { query: '{ thing { fails(how: UNEXPECTED) } }' }, 200, ['INTERNAL']],
    ['an expected failure', { query: '{ thing { fails(how: EXPECTED) } }' }, 200, ['NOT_FOUND']],
  ])('answers %s with a code', async (_what, body, status, codes) => {
    expect(await post(body, await signed())).toMatchObject({ status, codes });
  });

  it('answers 404 on another path', async () => {
    expect(
      await post({ query: '{ thing { name } }' }, await signed(), new URL('/other', served.url).href),
    ).toMatchObject({
      status: 404,
      codes: ['NOT_FOUND'],
    });
  });

  it('shows nothing of what failed inside', async () => {
    const body = JSON.stringify({ query: '{ thing { fails(how: UNEXPECTED) } }' });
    const headers = { 'content-type': 'application/json', ...(await signed()) };
    const text = await (await fetch(served.url, { method: 'POST', headers, body })).text();
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('stacktrace');
  });

  it('is spoken to by the gateway’s own transport, and only with the gateway’s word', async () => {
    const signer = createIdentitySigner({ privateKey: key, clock });
    const subgraphs = { things: { url: served.url, trusted: true } };
    const text = '{ thing { name } secret }';
    const request = {
      subgraph: 'things',
      operation: { kind: 'query', text, document: parse(text) },
      variables: {},
      identity: identityOf('acme', []),
      requestId: 'request-3',
      signal: new AbortController().signal,
    } as const;
    const trusted = createHttpTransport({ subgraphs, sign: (identity, subgraph) => signer.sign(identity, subgraph) });
    const silent = createHttpTransport({ subgraphs });
    const answer = await trusted.send(request);
    expect(answer.data).toEqual({ thing: { name: 'a thing' }, secret: null });
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', missingScopes: ['things:secret'] },
    ]);
    const refused = await silent.send(request).catch((error: unknown) => ({ errors: [{ extensions: error }] }));
    expect(JSON.stringify(refused)).toContain('UNAUTHENTICATED');
    await Promise.all([trusted.close(), silent.close()]);
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(served.url).port);
    const again = serveSubgraph(things.subgraph, {
      host: '127.0.0.1',
      port,
      verifier: verifierFor('things'),
      logger: silentLogger,
    });
    await expect(again).rejects.toMatchObject({ code: 'PORT_IN_USE', extensions: { port } });
  });
});
