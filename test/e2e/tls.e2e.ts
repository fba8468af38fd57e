import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask, readOperation, subscribe } from '../../app/demo/graph-client.ts';
import { createSandboxClient } from '../../app/demo/sandbox-client.ts';
import { developmentTokens } from '../../app/demo/tokens.ts';
import { startEntry } from '../../app/entry-process.ts';
import { toBoundPort } from '../../app/free-port.ts';
import { spawnEntry } from '../../app/server-process.ts';
import { type Authority, createAuthority, type Issued, writeFiles } from '../support/certificates.ts';
import { createInvoiceWebhooks } from '../support/invoice-webhooks.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { writeAnew } from '../support/test-certificate.ts';
import { createTrustingFetch } from '../support/trusting-fetch.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;
let authority: Authority;
let files: Awaited<ReturnType<typeof writeFiles<'ca' | 'cert' | 'key'>>>;
let trusting: ReturnType<typeof createTrustingFetch>;
let server: OwnServer;
let redirectPort: number;

beforeAll(async () => {
  authority = await createAuthority();
  const { cert, key } = await authority.issue({ to: Date.now() + 90 * DAY_MS });
  files = await writeFiles({ ca: authority.cert, cert, key });
  trusting = createTrustingFetch(authority.cert);
  // What NODE_EXTRA_CA_CERTS would have done, had this process been started with it.
  vi.stubGlobal('fetch', trusting.fetch);
  redirectPort = await toBoundPort(0, '127.0.0.1');
  server = await startOwnServer({
    TLS_CERT: files.paths.cert,
    TLS_KEY: files.paths.key,
    HTTP_REDIRECT_PORT: String(redirectPort),
    LOG_LEVEL: 'info',
  });
}, 120_000);
afterAll(async () => {
  await server?.close();
  await trusting.close();
  await files.remove();
  vi.unstubAllGlobals();
});

/** The fingerprint of what the server shows now, in a new connection. */
async function shown(): Promise<string> {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', ca: authority.cert });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function replace(pair: Issued): Promise<void> {
  await writeAnew(files.paths.cert, pair.cert);
  await writeAnew(files.paths.key, pair.key);
}

describe('npm start with TLS_CERT and TLS_KEY', () => {
  it('says https wherever it says where', () => {
    const said = server.process().output();
    for (const what of ['Explore', 'GraphQL', 'Webhooks']) expect(said).toMatch(new RegExp(`${what} +${server.url}/`));
    expect(server.url).toMatch(/^https:/);
  });

  it('answers a query, with Strict-Transport-Security', async () => {
    const { data } = await server.ask('sales', '{ viewer { tenant } }');
    expect(data).toEqual({ viewer: { tenant: 'acme' } });
    const { headers } = await fetch(`${server.url}/health/ready`);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it('is the issuer of its tokens by its https name', async () => {
    const answer = await fetch(`${server.url}/oidc/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({
      issuer: `${server.url}/oidc`,
      token_endpoint: expect.stringMatching(/^https:/),
    });
  });

  it('lets the explorer’s page sign in, from its https origin alone', async () => {
    const people = (origin: string) =>
      fetch(`${server.url}/explorer/people`, { headers: { 'x-tributary-explorer': '1', origin } });
    expect((await people(server.url)).status).toBe(200);
    expect((await people(server.url.replace('https', 'http'))).status).toBe(403);
  });

  it('is what the demo can be told on, with the authority in NODE_EXTRA_CA_CERTS and not without', async () => {
    const sandbox = `http://127.0.0.1:${server.sandboxPort}`;
    const demo = (env: Record<string, string>) => {
      const child = spawnEntry('demo.ts', { DATA_DIR: server.dataDir, ...env }, [
        '--url',
        server.url,
        '--sandbox',
        sandbox,
      ]);
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      return once(child, 'close').then(([status]) => ({ status, text }));
    };
    expect(await demo({ NODE_EXTRA_CA_CERTS: files.paths.ca })).toMatchObject({
      status: 0,
      text: expect.stringContaining('All of it happened as told.'),
    });
    expect(await demo({})).toMatchObject({ status: 1, text: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
  });

  it('gets the sandbox’s webhooks, whose sender trusts its certificate, and tells subscribers over SSE', async () => {
    const open = await server.ask('sales', await readOperation('open-invoices'), { first: 20 });
    const invoice = open.data.stripeInvoices.nodes.find((node: { account: unknown }) => node.account !== null);
    const stream = await subscribe({
      url: server.url,
      token: await server.token('sales'),
      query: await readOperation('invoice-changed'),
      variables: { accountId: invoice.account.id },
    });
    await createSandboxClient(`http://127.0.0.1:${server.sandboxPort}`).payInvoice(invoice.externalId);
    let message = await stream.next();
    while (message && message.data?.data?.stripeInvoiceChanged?.status !== 'PAID') message = await stream.next();
    expect(message?.data?.data?.stripeInvoiceChanged).toMatchObject({ number: invoice.number });
    stream.close();
  });

  it('takes webhooks that vendors sign', async () => {
    const webhooks = await createInvoiceWebhooks(server);
    expect(await webhooks.post('overtls')).toBe(200);
  });

  it('answers over wss', async () => {
    const socket = new WebSocket(`${server.url.replace('https', 'wss')}/graphql`, 'graphql-transport-ws', {
      ca: authority.cert,
    });
    await once(socket, 'open');
    const send = (message: object) => socket.send(JSON.stringify(message));
    send({ type: 'connection_init', payload: { authorization: `Bearer ${await server.token('sales')}` } });
    await once(socket, 'message');
    send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { tenant } }' } });
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer))).toMatchObject({
      type: 'next',
      payload: { data: { viewer: { tenant: 'acme' } } },
    });
    socket.terminate();
  });

  it('sends who comes by plain http to https, and refuses what came readable', async () => {
    const plain = `http://127.0.0.1:${redirectPort}`;
    const look = await fetch(`${plain}/explorer/?a=1`, { redirect: 'manual' });
    expect([look.status, look.headers.get('location')]).toEqual([308, `${server.url}/explorer/?a=1`]);
    const sent = await fetch(`${plain}/graphql`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: '{}',
    });
    expect([sent.status, await sent.json()]).toMatchObject([
      403,
      { errors: [{ extensions: { code: 'HTTPS_REQUIRED' } }] },
    ]);
  });

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA' }],
  ] as const)('refuses %s', async (_, options) => {
    const port = Number(new URL(server.url).port);
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...options });
    const [error] = await once(socket, 'error').catch((reason) => [reason]);
    expect(error.code).toMatch(/ALERT/);
  });
});

describe('a renewal', () => {
  it('is taken over under load without a failed request, and streams stay open', async () => {
    const token = await server.token('sales');
    const stream = await subscribe({
      url: server.url,
      token,
      query: 'subscription { stripeInvoiceChanged { externalId } }',
    });
    const answers: number[] = [];
    const failures: unknown[] = [];
    let running = true;
    const lane = async (own: typeof trusting) => {
      while (running) {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const body = JSON.stringify({ query: '{ viewer { tenant } }' });
        await own
          .fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
          .then(async (answer) => answers.push((await answer.text()).includes('acme') ? answer.status : 0))
          .catch((error: unknown) => failures.push(error));
      }
    };
    const agents = Array.from({ length: 6 }, () => createTrustingFetch(authority.cert));
    const lanes = agents.map(lane);
    const seen = new Set([await shown()]);
    for (let round = 0; round < 4; round += 1) {
      await replace(await authority.issue({ to: Date.now() + 90 * DAY_MS }));
      await until(`renewal ${round}`, async () => seen.size < seen.add(await shown()).size);
      const before = answers.length;
      await until('requests went on', () => answers.length > before + 20);
    }
    running = false;
    await Promise.all(lanes);
    await Promise.all(agents.map((agent) => agent.close()));
    expect([failures, answers.filter((status) => status !== 200)]).toEqual([[], []]);
    expect(answers.length).toBeGreaterThan(80);
    const webhooks = await createInvoiceWebhooks(server);
    await webhooks.post('afterrenewal');
    expect((await stream.next())?.data?.data).toEqual({ stripeInvoiceChanged: { externalId: 'in_afterrenewal' } });
    stream.close();
    expect(server.process().output()).toContain('a new certificate is in use');
  });

  it.each<[string, () => Promise<Partial<Issued>>]>([
    ['half written', async () => ({ cert: (await authority.issue()).cert.slice(0, 200) })],
    ['not matching', async () => ({ key: (await authority.issue()).key })],
    ['expired', () => authority.issue({ from: Date.now() - 9 * DAY_MS, to: Date.now() - DAY_MS })],
  ])('that is %s leaves the old certificate in use, with a coded error in the log', async (_, wish) => {
    const good = await authority.issue({ to: Date.now() + 90 * DAY_MS });
    const earlier = await shown();
    await replace(good);
    await until('the good one', async () => (await shown()) !== earlier);
    const before = await shown();
    const complaints = () => server.process().output().split('the new certificate cannot be used').length;
    const known = complaints();
    await replace({ ...good, ...(await wish()) });
    await until('the complaint', () => complaints() > known);
    expect(await shown()).toBe(before);
    expect((await server.ask('sales', '{ viewer { tenant } }')).data).toEqual({ viewer: { tenant: 'acme' } });
    expect(server.process().output()).toMatch(/"code":"CONFIG_INVALID"[^\n]*the new certificate cannot be used/);
  });
});

describe('SIGTERM', () => {
  it('ends the process in good order, and it comes back with its data', async () => {
    await replace(await authority.issue({ to: Date.now() + 90 * DAY_MS }));
    expect(await server.process().stop()).toBe(0);
    await server.restart();
    const { data } = await server.ask('sales', '{ stripeInvoices(first: 100) { nodes { externalId } } }');
    expect(data.stripeInvoices.nodes).toContainEqual({ externalId: 'in_overtls' });
  });
});

describe('npm run gateway, over subgraphs on https', () => {
  const stops: (() => Promise<unknown>)[] = [];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-tls-apart-'));
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(entry: string, args: string[], env: Record<string, string>): Promise<void> {
    const running = await startEntry({ entry, args, env, says: /answers at https:/ });
    stops.push(() => running.end('SIGTERM'));
  }

  it('is answered with SUBGRAPH_CA, and with SUBGRAPH_UNAVAILABLE without', async () => {
    const ports = [
      await toBoundPort(0, '127.0.0.1'),
      await toBoundPort(0, '127.0.0.1'),
      await toBoundPort(0, '127.0.0.1'),
    ];
    const pair = await writeFiles({ ca: authority.cert, ...(await authority.issue({ to: Date.now() + 90 * DAY_MS })) });
    stops.unshift(() => pair.remove());
    const shared = { DATA_DIR: folder, TLS_CERT: pair.paths.cert, TLS_KEY: pair.paths.key };
    const urls = { SUBGRAPH_URLS: `crm=https://localhost:${ports[0]}/graphql` };
    await start('subgraph.ts', ['crm', '--port', `${ports[0]}`], shared);
    await start('gateway.ts', ['--port', `${ports[1]}`], { ...shared, ...urls, SUBGRAPH_CA: pair.paths.ca });
    await start('gateway.ts', ['--port', `${ports[2]}`], { ...shared, ...urls });
    const [trusts, doubts] = await Promise.all(
      ports.slice(1).map(async (port) => {
        const url = `https://127.0.0.1:${port}`;
        return ask(url, await developmentTokens({ dataDir: folder, url })('sales'), '{ viewer { tenant } }');
      }),
    );
    expect(trusts).toEqual({ data: { viewer: { tenant: 'acme' } } });
    expect(doubts?.errors?.[0]?.extensions?.['code']).toBe('SUBGRAPH_UNAVAILABLE');
  });
});

describe('npm start', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-tls-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each<[string, string, () => Promise<{ cert?: string; key?: string; redirect?: true }>]>([
    [
      'an expired certificate',
      'TLS_CERT',
      () => authority.issue({ from: Date.now() - 9 * DAY_MS, to: Date.now() - DAY_MS }),
    ],
    [
      'a key of another certificate',
      'TLS_KEY',
      async () => ({ ...(await authority.issue()), key: (await authority.issue()).key }),
    ],
    ['a certificate without a key', 'TLS_KEY', async () => ({ cert: (await authority.issue()).cert })],
    ['a key without a certificate', 'TLS_CERT', async () => ({ key: (await authority.issue()).key })],
    ['a redirect to https without https', 'TLS_CERT', async () => ({ redirect: true })],
  ])('stops with CONFIG_INVALID on %s, naming %s', async (_, variable, wish) => {
    const { cert, key, redirect } = await wish();
    const env: Record<string, string> = { DATA_DIR: join(folder, 'data'), PORT: '0', SANDBOX_PORT: '0' };
    if (cert) env['TLS_CERT'] = await write('cert', cert);
    if (key) env['TLS_KEY'] = await write('key', key);
    if (redirect) env['HTTP_REDIRECT_PORT'] = '0';
    const child = spawnEntry('start.ts', env);
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 45_000);
    const [status] = await once(child, 'close');
    clearTimeout(timer);
    expect([status, text]).toEqual([1, expect.stringMatching(new RegExp(`^CONFIG_INVALID: ${variable} `, 'm'))]);
    expect(text).not.toMatch(/\n\s+at |BEGIN/);
  });

  async function write(name: string, text: string): Promise<string> {
    const path = join(folder, `${name}.pem`);
    await writeFile(path, text);
    return path;
  }
});
