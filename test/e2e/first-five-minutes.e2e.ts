import { exec } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../app/demo/graph-client.ts';
import { spawnEntry } from '../../app/server-process.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.close());

async function run(entry: string, args: string[], env: Record<string, string> = {}) {
  const child = spawnEntry(entry, env, args);
  let [out, text] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [status] = await once(child, 'close');
  return { status, out, text, lastLine: out.trimEnd().split('\n').at(-1) ?? '' };
}

/** Who the server says the bearer of a token is. */
async function viewer(token: string): Promise<unknown> {
  return (await ask(server.url, token, '{ viewer { tenant roles } }')).data?.viewer;
}

/** A subscription is accepted: its stream opens. */
async function openStream(query: string): Promise<number> {
  const abort = new AbortController();
  const headers = {
    authorization: `Bearer ${await server.token('sales')}`,
    'content-type': 'application/json',
    accept: 'text/event-stream',
  };
  const body = JSON.stringify({ query });
  const { status } = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body, signal: abort.signal });
  abort.abort();
  return status;
}

describe('npm start', () => {
  it('says what to open', () => {
    expect(server.process().output()).toContain(`${server.url}/graphql`);
  });

  it('serves the explorer at /', async () => {
    const page = await fetch(`${server.url}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });

  it('answers a query over the CRM and Stripe on demo data', async () => {
    const { data, errors } = await server.ask(
      'sales',
      '{ stripeInvoices(first: 5) { nodes { status account { name contacts(first: 1) { nodes { displayName } } } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.stripeInvoices.nodes).toHaveLength(5);
    for (const { account } of data.stripeInvoices.nodes) expect(account.name).toMatch(/\w/);
  });

  it('is ready again with the data of the first time, and does not load it twice', async () => {
    const { data: before } = await server.ask('sales', '{ accounts(first: 1) { totalCount } }');
    await server.process().stop();
    const again = await server.restart();
    expect(again.output()).not.toContain('demo data was loaded');
    expect((await server.ask('sales', '{ accounts(first: 1) { totalCount } }')).data).toEqual(before);
  });
});

describe('README.md', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const queries = [...readme.matchAll(/-d '(\{"query":.+\})'/g)].map(
    ([, body = '']) => JSON.parse(body).query as string,
  );

  it('shows a first query whose answer has figures of both services', async () => {
    const { data, errors } = await server.ask('sales', queries[0] ?? '');
    expect(errors).toBeUndefined();
    expect(data.accounts.nodes).toHaveLength(3);
    expect(data.accounts.nodes[0]).toMatchObject({
      contacts: { nodes: expect.arrayContaining([{ displayName: expect.stringMatching(/\w/) }]) },
      billing: { mrr: [{ amount: expect.stringMatching(/^\d+\.\d\d$/) }] },
    });
  });

  it('shows a first query that a partner is refused a part of', async () => {
    const { data, errors } = await server.ask('partner', queries[0] ?? '');
    expect(data.accounts.nodes[0]).toMatchObject({ name: expect.stringMatching(/\w/), billing: null });
    expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', missingScopes: ['billing:read'] });
  });

  it('shows a first subscription that is taken', async () => {
    expect(await openStream(queries[1] ?? '')).toBe(200);
  });
});

describe('npm run token', () => {
  it('is shown by the server as it has to be called for this very server', { timeout: 60_000 }, async () => {
    const [, line = ''] = /A token +(.+)/.exec(server.process().output()) ?? [];
    const { stdout } = await promisify(exec)(line, { cwd: new URL('../..', import.meta.url) });
    expect(await viewer(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({ tenant: 'acme', roles: ['sales'] });
  });

  it('prints a token as its last line that the server takes', async () => {
    const port = new URL(server.url).port;
    const { lastLine } = await run('token.ts', ['--role', 'support', '--tenant', 'globex'], {
      DATA_DIR: server.dataDir,
      PORT: port,
    });
    expect(await viewer(lastLine)).toEqual({ tenant: 'globex', roles: ['support'] });
  });
});

describe('schema/operations', async () => {
  const folder = new URL('../../schema/operations/', import.meta.url);
  const queries = (await readdir(folder)).map((name) => [name]);
  it.each(queries)('%s runs without an error', async (name) => {
    const document = await readFile(new URL(name, folder), 'utf8');
    if (/^subscription /m.test(document)) return expect(await openStream(document)).toBe(200);
    const { data } = await server.ask('sales', '{ accounts(first: 1) { nodes { id } } }');
    const { errors } = await server.ask('sales', document, { accountId: data.accounts.nodes[0].id });
    return expect(errors).toBeUndefined();
  });
});

describe('npm run demo', () => {
  it('tells the whole story on a server of its own', { timeout: 120_000 }, async () => {
    const { status, out } = await run('demo.ts', []);
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('All of it happened as told.') });
  });

  it('tells it on a running server without killing it', { timeout: 60_000 }, async () => {
    const sandbox = `http://127.0.0.1:${server.sandboxPort}`;
    const url = server.url.replace('127.0.0.1', 'localhost');
    const { status, out } = await run('demo.ts', ['--url', url, '--sandbox', sandbox], { DATA_DIR: server.dataDir });
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('All of it happened as told.') });
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });

  it('says what is missing where the server keeps its data in another folder', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'tributary-other-'));
    const { status, text } = await run('demo.ts', ['--url', server.url], { DATA_DIR: elsewhere });
    await rm(elsewhere, { recursive: true, force: true });
    expect([status, text]).toEqual([
      1,
      expect.stringMatching(/^UNAUTHENTICATED: .+ give the demo the server's DATA_DIR/),
    ]);
  });
});
