import { readFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExplorerRoutes, isExplorerServed } from '../../app/explorer.ts';
import { AppError } from '../../lib/errors.ts';
import { DEMO_USERS } from '../../sandbox/identity/demo-users.ts';

const mint = async ({ subject }: { subject: string }) => `token-of-${subject}`;
const signIn = { mint, host: 'tributary.test' };

/** Answers as the gateway does: the longest prefix first, a coded error as its status. */
async function serve(routes = createExplorerRoutes({ signIn })) {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const covering = routes.filter(({ prefix }) => path === prefix || path.startsWith(`${prefix.replace(/\/$/, '')}/`));
    const route = covering.sort((left, right) => right.prefix.length - left.prefix.length)[0];
    try {
      await route?.handle(request, response);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      response.writeHead(error.status).end(error.code);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

let running: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  running = await serve();
});
afterAll(() => new Promise((resolve) => running.server.close(resolve)));

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', port = running.port): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get({ port, path, headers, method, host: '127.0.0.1', agent: false }, async (response) =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }),
    );
    request.on('error', reject);
  });
}

describe('the explorer', () => {
  it('is a page at / that runs only scripts of its own and asks nobody else for anything', async () => {
    const { status, headers, body } = await ask('/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(body).toContain('<base href="/explorer/" />');
    expect(body).toContain('<script type="module" src="boot.js"></script>');
    expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('serves every file its page names', async () => {
    const { body } = await ask('/');
    const names = [...body.matchAll(/(?:src|href)="([^"/][^"]*)"/g)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(['main.js', 'polyfills.js', 'styles.css', 'boot.js', 'favicon.ico']));
    for (const name of new Set(names)) expect((await ask(`/explorer/${name}`)).status, name).toBe(200);
  });

  it.each([
    ['main.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['chunk-HMR5CY6K.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['styles.css', 'text/css; charset=utf-8', 'no-cache'],
    ['assets/img/logo.svg', 'image/svg+xml', 'no-cache'],
    ['assets/i18n/en-US.json', 'application/json; charset=utf-8', 'no-cache'],
    ['favicon.ico', 'image/x-icon', 'no-cache'],
  ])('serves %s as %s, kept by browsers as %s', async (name, type, caching) => {
    const { status, headers } = await ask(`/explorer/${name}?v=1`);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, type, caching]);
    expect(headers['x-content-type-options']).toBe('nosniff');
    const again = await ask(`/explorer/${name}`, { 'if-none-match': headers.etag });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  it('keeps the frame of request scripts in a sandbox', async () => {
    const { headers } = await ask('/explorer/iframe-sandbox/index.html');
    expect(headers['content-security-policy']).toBe('sandbox allow-scripts');
  });

  it.each([
    '/explorer',
    '/explorer/',
    '/explorer/nothing.js',
    '/explorer/index.html',
    '/explorer/../package.json',
    '/explorer/%2e%2e/index.js',
    '/explorer/..%2findex.js',
    '/explorer//etc/passwd',
    '/explorer/__proto__',
    '/index.html',
    '/favicon.ico',
  ])('answers %s as absent', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: 'NOT_FOUND' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('does not serve %s', async (method) => {
    for (const path of ['/', '/explorer/main.js', '/explorer/people'])
      expect((await ask(path, {}, method)).status).toBe(405);
  });

  it.each(['/graphql-typo', '/explorer/none', '/webhooks/zendesk'])(
    'answers a POST to %s as absent, not as read-only',
    async (path) => {
      expect(await ask(path, {}, 'POST')).toMatchObject({ status: 404, body: 'NOT_FOUND' });
    },
  );

  it('answers HEAD like GET, without the body', async () => {
    const { status, headers, body } = await ask('/', {}, 'HEAD');
    expect([status, Number(headers['content-length']) > 1_000, body]).toEqual([200, true, '']);
  });

  it('opens with examples that fit the schema, of which one subscribes', async () => {
    const examples: { name: string; query: string; variables: string }[] = JSON.parse(
      (await ask('/explorer/examples')).body,
    );
    const kinds = examples
      .map(({ query }) => parse(query).definitions[0])
      .map((one) => 'operation' in one! && one.operation);
    expect(examples.at(-1)).toMatchObject({ name: 'Accounts with billing', variables: '{}' });
    expect(kinds).toEqual(expect.arrayContaining(['query', 'subscription']));
    const schema = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'));
    for (const { name, query } of examples) expect(validate(schema, parse(query)), name).toEqual([]);
    const customer = examples.find(({ name }) => name === 'Customer 360');
    expect(JSON.parse(customer?.variables ?? '')).toEqual({ accountId: '' });
  });
});

describe('the tokens of the explorer', () => {
  const own = { 'x-tributary-explorer': '1' };

  it.each([
    ['127.0.0.1', {}],
    ['localhost', { 'sec-fetch-site': 'same-origin' }],
    ['[::1]', { origin: 'http://[::1]:4000' }],
    ['tributary.test', { origin: 'http://tributary.test:4000', 'sec-fetch-site': 'same-origin' }],
  ])('are given to a page of its own at %s with %j', async (host, headers) => {
    const {
      status,
      headers: answered,
      body,
    } = await ask('/explorer/people', { ...own, ...headers, host: `${host}:4000` });
    expect([status, answered['cache-control']]).toEqual([200, 'no-store']);
    expect(JSON.parse(body)).toEqual(DEMO_USERS.map((user) => ({ ...user, token: `token-of-${user.subject}` })));
    expect(answered['access-control-allow-origin']).toBeUndefined();
  });

  it.each<[string, OutgoingHttpHeaders]>([
    ['a script, form or image of another page, which cannot set the header', { 'x-tributary-explorer': [] }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of the same machine', { 'sec-fetch-site': 'same-site' }],
    ['an address typed by hand', { 'sec-fetch-site': 'none' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['https of the same name', { origin: 'https://127.0.0.1:4000' }],
    ['a name that was made to point here', { host: 'evil.example:4000', 'sec-fetch-site': 'same-origin' }],
    ['a name that begins like ours', { host: 'localhost.evil.example' }],
    ['a host that is none', { host: 'a b' }],
  ])('are refused to %s', async (_, headers) => {
    const { status, body } = await ask('/explorer/people', { ...own, host: '127.0.0.1:4000', ...headers });
    expect([status, body]).toEqual([403, 'FORBIDDEN']);
  });

  it('do not exist when nobody is signed in', async () => {
    const bare = await serve(createExplorerRoutes({ signIn: null }));
    expect((await ask('/explorer/people', own, 'GET', bare.port)).status).toBe(404);
    expect((await ask('/', {}, 'GET', bare.port)).status).toBe(200);
    bare.server.close();
  });
});

it.each([
  ['development', undefined, true],
  ['test', undefined, true],
  ['production', undefined, false],
  ['production', 'on', true],
  ['development', 'off', false],
] as const)('in %s with EXPLORER %s, the explorer is served: %s', (NODE_ENV, EXPLORER, served) => {
  expect(isExplorerServed({ NODE_ENV, EXPLORER })).toBe(served);
});

it('keeps the browser part free of addresses and secrets', () => {
  const boot = readFileSync(new URL('../../app/explorer/boot.js', import.meta.url), 'utf8');
  expect(boot).not.toMatch(/https?:\/\/|eyJ/);
});
