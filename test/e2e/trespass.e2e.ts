import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribe } from '../../app/demo/graph-client.ts';
import { SANDBOX_ACCOUNTS } from '../../app/sandboxes.ts';
import { openSocket, sendRaw } from '../support/attack-transports.ts';
import { type Forgery, tokenForge } from '../support/forge-token.ts';
import { createInvoiceWebhooks } from '../support/invoice-webhooks.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

let server: OwnServer;
let forge: Awaited<ReturnType<typeof tokenForge>>;
let billed: { id: string; name: string; contact: string };
/** How often anybody followed an address that stood in a token. */
let fetched = 0;
const bait = createServer((_request, response) => {
  fetched += 1;
  response.end('{"keys":[]}');
});

beforeAll(async () => {
  bait.listen(0, '127.0.0.1');
  server = await startOwnServer({ LOG_LEVEL: 'debug' });
  forge = await tokenForge(server);
  const { data } = await server.ask(
    'admin',
    '{ stripeInvoices(first: 50) { nodes { account { id name phones { number } contacts { nodes { id } } } } } }',
  );
  const account = data.stripeInvoices.nodes
    .map((node: { account: unknown }) => node.account)
    .find((found: { phones?: unknown[]; contacts: { nodes: unknown[] } } | null) => found?.contacts.nodes.length);
  billed = { id: account.id, name: account.name, contact: account.contacts.nodes[0].id };
});
afterAll(async () => {
  bait.close();
  await server.close();
});

function post(headers: Record<string, string>, query = '{ viewer { subject } }', search = '') {
  const type = { 'content-type': 'application/json' };
  return fetch(`${server.url}/graphql${search}`, {
    method: 'POST',
    headers: { ...type, ...headers },
    body: JSON.stringify({ query }),
  });
}

const baitUrl = () => `http://127.0.0.1:${(bait.address() as AddressInfo).port}/jwks.json`;
const hour = 3_600;
const now = () => Math.floor(Date.now() / 1_000);

describe('a token', () => {
  const cases: readonly [string, () => Forgery][] = [
    ['signed by nobody', () => ({ header: { alg: 'none' }, by: 'nobody' })],
    ['without its signature', () => ({ by: 'nobody' })],
    ['signed by another key of the same name', () => ({ by: 'attacker' })],
    ['signed with the public key as a secret', () => ({ header: { alg: 'HS256' }, by: 'hmac' })],
    [
      'that names its own keys by address',
      () => ({ header: { jku: baitUrl(), x5u: baitUrl(), kid: 'new' }, by: 'attacker' }),
    ],
    ['that names its key by address', () => ({ header: { kid: baitUrl() }, by: 'attacker' })],
    ['with a critical header', () => ({ header: { crit: ['b64'], b64: false } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['that has ended', () => ({ claims: { iat: now() - hour, exp: now() - 61 } })],
    ['that never ends', () => ({ claims: { exp: undefined } })],
    ['that outlives the day', () => ({ claims: { exp: now() + 26 * hour } })],
    ['that begins tomorrow', () => ({ claims: { nbf: now() + 24 * hour } })],
    ['of another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['for another audience', () => ({ claims: { aud: 'tributary-evil' } })],
    ['for a subgraph', () => ({ claims: { aud: 'crm' } })],
    ['without a tenant', () => ({ claims: { tenant: undefined } })],
    ['of a tenant that is not there', () => ({ claims: { tenant: 'initech' } })],
    ['of two tenants', () => ({ claims: { tenant: ['acme', 'globex'] } })],
    ['of a prototype', () => ({ claims: { sub: '__proto__' } })],
    ['with scopes in a list', () => ({ claims: { scope: ['customers:read'] } })],
  ];

  it('is taken when it is good', async () => {
    expect(await (await post({ authorization: `bearer ${forge()}` })).json()).toEqual({
      data: { viewer: { subject: 'acme-sales' } },
    });
  });

  it.each(cases)('%s is refused like any other, over HTTP and WebSocket', async (_name, forgery) => {
    const token = forge(forgery());
    const [response, socket] = await Promise.all([
      post({ authorization: `Bearer ${token}` }),
      openSocket(`${server.url}/graphql`, `Bearer ${token}`),
    ]);
    expect([response.status, await response.text()]).toEqual([401, await (await post({})).text()]);
    expect(await socket.closed).toBe(4401);
    expect(fetched).toBe(0);
  });

  it('is not looked for in the address, in a cookie, nor in a second header', async () => {
    const token = forge();
    expect((await post({}, undefined, `?access_token=${token}&authorization=Bearer%20${token}`)).status).toBe(401);
    expect((await post({ cookie: `authorization=Bearer ${token}; access_token=${token}` })).status).toBe(401);
    const twice = `Host: x\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer ${forge()}\r\nContent-Length: 0\r\nConnection: close\r\n`;
    expect(
      await sendRaw(
        Number(new URL(server.url).port),
        `POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n${twice}\r\n`,
      ),
    ).toMatch(/^HTTP\/1.1 40[01] /);
  });

  it('ends its subscriptions with it, and nothing comes after', async () => {
    const token = forge({ claims: { exp: now() + 2, scope: 'billing:read' } });
    const query = 'subscription { stripeInvoiceChanged { externalId } }';
    const stream = await subscribe({ url: server.url, token, query });
    const { socket, messages, closed } = await openSocket(`${server.url}/graphql`, `Bearer ${token}`);
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: 'x', type: 'subscribe', payload: { query } }));
    expect((await stream.next())?.data?.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await stream.next())?.event).toBe('complete');
    expect(await closed).toBe(4401);
    expect(messages.filter((message) => message.includes('"next"'))).toEqual([]);
  });
});

describe('another tenant', () => {
  const invoices = 'subscription { stripeInvoiceChanged { externalId } }';

  it('cannot go on from the cursor of a list', async () => {
    const list = 'query ($after: String) { accounts(first: 1, after: $after) { pageInfo { endCursor } nodes { id } } }';
    const { data } = await server.ask('admin', list, {}, 'globex');
    const after = data.accounts.pageInfo.endCursor;
    const { data: page, errors } = await server.ask('admin', list, { after });
    expect([page, errors?.[0]?.extensions?.['code']]).toEqual([null, 'CURSOR_INVALID']);
  });

  it('cannot go on from the cursor of a stream, whichever way it is sent', async () => {
    const token = await server.token('admin', 'globex');
    const stream = await subscribe({ url: server.url, token, query: invoices });
    const hooks = await createInvoiceWebhooks({ ...server, account: 'globex' });
    await hooks.post('theirs');
    const lastEventId = (await stream.next())?.id ?? '';
    stream.close();
    expect(lastEventId).toMatch(/\w\.\w/);
    const acme = await server.token('admin');
    await expect(subscribe({ url: server.url, token: acme, query: invoices, lastEventId })).rejects.toThrow(
      'CURSOR_INVALID',
    );
    const { socket } = await openSocket(`${server.url}/graphql`, `Bearer ${acme}`);
    await once(socket, 'message');
    const payload = { query: invoices, extensions: { cursor: lastEventId } };
    socket.send(JSON.stringify({ id: 'x', type: 'subscribe', payload }));
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer))).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'CURSOR_INVALID' } }],
    });
    socket.terminate();
  });

  it.each([
    ['acme', 'sales'],
    ['globex', 'admin'],
  ])('gets a record of its own under the key of somebody else (%s, %s)', async (tenant, role) => {
    const create =
      'mutation { accountCreate(input: { name: "Same name", idempotencyKey: "same key" }) { account { id } userErrors { code } } }';
    const first = await server.ask('admin', create);
    const again = await server.ask('admin', create);
    const other = await server.ask(role, create, {}, tenant);
    expect(again).toEqual(first);
    expect(other.data.accountCreate.userErrors).toEqual([]);
    expect(other.data.accountCreate.account.id).not.toBe(first.data.accountCreate.account.id);
  });
});

describe('a partner', () => {
  const pii = { code: 'FORBIDDEN', missingScopes: ['pii:read'] };
  const billing = { code: 'FORBIDDEN', missingScopes: ['billing:read'] };
  const write = { code: 'FORBIDDEN', missingScopes: ['customers:write'] };
  it.each([
    ['by its name', '{ account(id: $id) { phones { number } } }', pii],
    ['by an alias', '{ account(id: $id) { name: phones { number } } }', pii],
    ['by an inline fragment', '{ account(id: $id) { ... on Account { ... { phones { number } } } } }', pii],
    [
      'by a fragment',
      '{ account(id: $id) { ...F } } fragment F on Account { ...G } fragment G on Account { phones { number } }',
      pii,
    ],
    ['through an interface', '{ node(id: $id) { ... on Node { ... on Account { phones { number } } } } }', pii],
    [
      'through a list of an interface',
      '{ nodes(ids: [$id]) { ... on Account { billing { customer { email } } } } }',
      billing,
    ],
    ['of another subgraph', '{ account(id: $id) { billing { outstanding { amount } } } }', billing],
    ['of a person behind it', '{ account(id: $id) { contacts { nodes { emails { address } } } } }', pii],
    [
      'around a corner',
      '{ account(id: $id) { contacts { nodes { account { primaryContact { phones { number } } } } } } }',
      pii,
    ],
    [
      'under a condition',
      'query ($id: ID!, $yes: Boolean = true) { account(id: $id) { phones @include(if: $yes) { number } } }',
      pii,
    ],
    ['under the name of a prototype', '{ account(id: $id) { __proto__: phones { number } } }', pii],
    ['by a filter', '{ account(id: $id) { contacts(filter: { email: { contains: "@" } }) { totalCount } } }', pii],
    [
      'by a filter inside filters',
      '{ contacts(filter: { or: [{ not: { and: [{ email: { isNull: true } }] } }] }) { totalCount } account(id: $id) { id } }',
      pii,
    ],
    ['by an empty filter', '{ contacts(filter: { email: {} }) { totalCount } account(id: $id) { id } }', pii],
  ])('does not read a field %s', async (_name, document, extensions) => {
    const query = document.startsWith('query') ? document : `query ($id: ID!) ${document}`;
    const answer = await server.ask('partner', query, { id: billed.id });
    expect(answer.errors?.[0]?.extensions).toMatchObject(extensions);
    expect(JSON.stringify(answer.data)).not.toMatch(/@|\+\d|"(totalCount|amount|number|address)"/);
    expect(await server.ask('admin', query, { id: billed.id })).not.toHaveProperty('errors');
  });

  it.each([
    ['an order that is not offered', '{ contacts(orderBy: [{ field: EMAIL }]) { nodes { id } } }'],
    ['entities', 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }'],
    ['the schema of a subgraph', '{ _service { sdl } }'],
    ['the key of a subgraph', '{ __type(name: "join__Graph") { name } _entities { __typename } }'],
  ])('is not served %s', async (_name, query) => {
    expect((await server.ask('partner', query)).errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it.each([
    ['accountUpdate', 'account', 'accountUpdate(input: { id: $id, name: "Taken" }) { account { id } }', write],
    [
      'accountUpdate in a fragment',
      'account',
      '... on Mutation { a: accountUpdate(input: { id: $id, name: "Taken" }) { account { id } } }',
      write,
    ],
    ['accountDelete', 'account', 'accountDelete(input: { id: $id }) { account { id } }', write],
    ['contactDelete', 'contact', 'contactDelete(input: { id: $id }) { contact { id } }', write],
  ])('does not run %s', async (_name, kind, mutation, extensions) => {
    const id = kind === 'account' ? billed.id : billed.contact;
    const read = `query ($id: ID!) { ${kind}(id: $id) { version deletedAt } }`;
    const before = await server.ask('admin', read, { id });
    const answer = await server.ask('partner', `mutation ($id: ID!) { ${mutation} }`, { id });
    expect(answer.errors?.[0]?.extensions).toMatchObject(extensions);
    expect(await server.ask('admin', read, { id })).toEqual(before);
  });

  it('never gets the answer made for somebody else, asked at the same moment in the same words', async () => {
    const query = 'query ($id: ID!) { contact(id: $id) { id emails { address } } }';
    const roles = Array.from({ length: 40 }, (_, index) => (index % 2 ? 'partner' : 'admin'));
    const answers = await Promise.all(roles.map((role) => server.ask(role, query, { id: billed.contact })));
    const seen = answers.map(({ data }) => (data.contact.emails === null ? 'partner' : 'admin'));
    expect(seen).toEqual(roles);
  });

  it('is not told by events either', async () => {
    await expect(
      subscribe({
        url: server.url,
        token: await server.token('partner'),
        query: 'subscription { stripeInvoiceChanged { id } }',
      }),
    ).rejects.toThrow('FORBIDDEN');
    const query = 'subscription { accountChanged { id phones { number } billing { customer { id } } } }';
    const stream = await subscribe({ url: server.url, token: await server.token('partner'), query });
    await server.ask(
      'admin',
      'mutation ($id: ID!) { accountUpdate(input: { id: $id, industry: "Spying" }) { account { id } } }',
      { id: billed.id },
    );
    const message = await stream.next();
    stream.close();
    expect(message?.data?.data).toEqual({ accountChanged: { id: billed.id, phones: null, billing: null } });
    expect(message?.data?.errors?.map(({ extensions }) => extensions?.['missingScopes'])).toEqual([
      ['pii:read'],
      ['billing:read'],
    ]);
  });
});

describe('a webhook', () => {
  const body = '{"id":"evt_forged","type":"invoice.paid","data":{"object":{"id":"in_forged"}}}';
  const stripe = new Stripe(SANDBOX_ACCOUNTS.default.apiKey);
  const signed = (payload: string, options: { secret?: string; timestamp?: number } = {}) =>
    stripe.webhooks.generateTestHeaderString({ payload, secret: SANDBOX_ACCOUNTS.default.webhookSecret, ...options });
  const send = (signature: string | null, payload = body) =>
    fetch(`${server.url}/webhooks/stripe`, {
      method: 'POST',
      headers: signature === null ? {} : { 'stripe-signature': signature },
      body: payload,
    });

  it.each([
    ['without a signature', () => null],
    ['with an empty signature', () => ''],
    ['with a signature of nothing', () => 't=,v1='],
    ['of an older scheme', () => signed(body).replace('v1=', 'v0=')],
    ['signed by somebody else', () => signed(body, { secret: 'whsec_evil' })],
    ['signed by another tenant', () => signed(body, { secret: SANDBOX_ACCOUNTS.globex.webhookSecret })],
    ['for another body', () => signed(`${body} `)],
    ['that is stale', () => signed(body, { timestamp: now() - 301 })],
    ['from the future', () => signed(body, { timestamp: now() + 330 })],
    ['with two moments', () => `t=${now()},${signed(body, { timestamp: now() - 999 })}`],
  ])('%s is refused', async (_name, signature) => {
    expect((await send(signature())).status).toBe(401);
  });

  it('of 2 MB is refused, and the next one is served', async () => {
    const large = 'x'.repeat(2_000_000);
    expect((await send(signed(large), large)).status).toBe(413);
    expect((await send('')).status).toBe(401);
  });

  it('replayed 20 times at once has one effect', async () => {
    const query = 'subscription { stripeInvoiceChanged { externalId } }';
    const stream = await subscribe({ url: server.url, token: await server.token('sales'), query });
    const hooks = await createInvoiceWebhooks(server);
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => hooks.post('replayed'))))).toEqual(
      new Set([200]),
    );
    await hooks.post('afterwards');
    const told = [await stream.next(), await stream.next()];
    stream.close();
    const messageOf = (externalId: string) =>
      expect.objectContaining({ data: expect.objectContaining({ data: { stripeInvoiceChanged: { externalId } } }) });
    expect(told).toEqual(expect.arrayContaining([messageOf('in_replayed'), messageOf('in_afterwards')]));
  });
});

it('what is on disk is for the user alone', async () => {
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  expect(await modeOf(server.dataDir)).toBe('700');
  const keys = await readdir(join(server.dataDir, 'keys'));
  expect(keys).toContain('development-identity.json');
  for (const name of keys) expect([name, await modeOf(join(server.dataDir, 'keys', name))]).toEqual([name, '600']);
  expect(await modeOf(join(server.dataDir, 'store', 'store.sock'))).toBe('600');
});

it('the log of all this holds no token, secret or key', () => {
  expect(server.process().output()).not.toMatch(/eyJ[\w-]{20}|whsec_|sk_test_|"d":|PRIVATE KEY/);
});
