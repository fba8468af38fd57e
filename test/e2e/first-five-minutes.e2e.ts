import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnEntry } from '../../app/server-process.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.close());

async function run(entry: string, args: string[], env: Record<string, string> = {}) {
  const child = spawnEntry(entry, env, args);
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  const [status] = await once(child, 'close');
  return { status, out, lastLine: out.trimEnd().split('\n').at(-1) ?? '' };
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

describe('npm run token', () => {
  it('prints a token as its last line that the server takes', async () => {
    const port = new URL(server.url).port;
    const { lastLine } = await run('token.ts', ['--role', 'support', '--tenant', 'globex'], {
      DATA_DIR: server.dataDir,
      PORT: port,
    });
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lastLine}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { tenant roles } }' }),
    });
    expect(await answer.json()).toEqual({ data: { viewer: { tenant: 'globex', roles: ['support'] } } });
  });
});

describe('schema/operations', async () => {
  const folder = new URL('../../schema/operations/', import.meta.url);
  const queries = (await readdir(folder)).map((name) => [name]);
  it.each(queries)('%s runs without an error', async (name) => {
    const document = await readFile(new URL(name, folder), 'utf8');
    if (/^subscription /m.test(document)) return expect(await open(document)).toBe(200);
    const { data } = await server.ask('sales', '{ accounts(first: 1) { nodes { id } } }');
    const { errors } = await server.ask('sales', document, { accountId: data.accounts.nodes[0].id });
    return expect(errors).toBeUndefined();
  });

  /** A subscription is accepted: its stream opens. */
  async function open(query: string): Promise<number> {
    const abort = new AbortController();
    const headers = {
      authorization: `Bearer ${await server.token('sales')}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    };
    const { status } = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
      signal: abort.signal,
    });
    abort.abort();
    return status;
  }
});

describe('npm run demo', () => {
  it('tells the whole story on a server of its own', { timeout: 120_000 }, async () => {
    const { status, out } = await run('demo.ts', []);
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('All of it happened as told.') });
  });

  it('tells it on a running server without killing it', { timeout: 60_000 }, async () => {
    const env = { DATA_DIR: server.dataDir, PORT: new URL(server.url).port };
    const { status, out } = await run(
      'demo.ts',
      ['--url', server.url, '--sandbox', `http://127.0.0.1:${server.sandboxPort}`],
      env,
    );
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('All of it happened as told.') });
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });
});
