import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toBoundPort } from '../../app/free-port.ts';
import { spawnEntry } from '../../app/server-process.ts';
import { systemClock } from '../../lib/clock.ts';
import { loadOrCreateKey } from '../../lib/key-file.ts';
import { createIdentitySigner, IDENTITY_HEADER } from '../../lib/subgraph-identity.ts';

const IDENTITY = {
  subject: 'acme-sales',
  tenant: 'acme',
  roles: ['sales'],
  scopes: ['customers:read', 'customers:write'],
  expiresAt: Date.now() + 3_600_000,
  tokenId: null,
};
const stops: (() => Promise<unknown>)[] = [];
let folder: string;
let subgraphUrl: string;

/** Starts an entry point and waits for the line that says where it answers. */
async function run(entry: string, args: string[], env: Record<string, string>): Promise<void> {
  const child = spawnEntry(entry, env, args);
  stops.push(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await vi.waitUntil(() => /answers at/.test(text), { timeout: 40_000 });
}

async function post(url: string, query: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the answer it reads
  return { status: answer.status, body: (await answer.json()) as any };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-apart-'));
  const port = await toBoundPort(0, '127.0.0.1');
  subgraphUrl = `http://127.0.0.1:${port}/graphql`;
  await run('subgraph.ts', ['crm', '--port', String(port)], { DATA_DIR: folder });
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await rm(folder, { recursive: true, force: true });
});

describe('npm run subgraph', () => {
  it.each([
    ['without an identity', {}],
    ['with an identity nobody signed', { [IDENTITY_HEADER]: 'e30.e30.e30' }],
    ["with a client's bearer token", { authorization: 'Bearer e30.e30.e30' }],
  ])('refuses a caller %s, _service included', async (_, headers) => {
    for (const query of ['{ accounts { nodes { id } } }', '{ _service { sdl } }']) {
      const { status, body } = await post(subgraphUrl, query, headers as Record<string, string>);
      expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
  });

  it('answers what the gateway signed for it, and refuses what was signed for another', async () => {
    const signer = createIdentitySigner({
      privateKey: await loadOrCreateKey({ dataDir: folder, name: 'subgraph-identity' }),
      clock: systemClock,
    });
    const own = await post(subgraphUrl, '{ viewer { tenant } }', {
      [IDENTITY_HEADER]: await signer.sign(IDENTITY, 'crm'),
    });
    expect(own).toEqual({ status: 200, body: { data: { viewer: { tenant: 'acme' } } } });
    const other = await post(subgraphUrl, '{ viewer { tenant } }', {
      [IDENTITY_HEADER]: await signer.sign(IDENTITY, 'stripe'),
    });
    expect(other.status).toBe(401);
  });
});

describe('npm run gateway -- --supergraph', () => {
  it('serves any graph, and tells a subgraph it was not told to trust nothing of who acts', async () => {
    const port = await toBoundPort(0, '127.0.0.1');
    const file = join(folder, 'supergraph.yaml');
    const schema = new URL('../../subgraphs/crm/schema.graphql', import.meta.url).pathname;
    await writeFile(
      file,
      `federation_version: =2.9.0\nsubgraphs:\n  crm:\n    routing_url: ${subgraphUrl}\n    schema:\n      file: ${schema}\n`,
    );
    await run('gateway.ts', ['--supergraph', file, '--port', String(port)], { DATA_DIR: join(folder, 'gateway') });
    const url = `http://127.0.0.1:${port}/graphql`;
    expect((await post(url, '{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
    const { body } = await post(url, '{ account(id: "acc_01J00000000000000000000000") { name } }');
    expect(body.data).toEqual({ account: null });
    expect(body.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it.each([
    ['a file that is not there', 'absent.graphql', null],
    ['a text that is no schema', 'broken.graphql', 'type {'],
    ['a supergraph.yaml without subgraphs', 'empty.yaml', 'federation_version: =2.9.0\n'],
    ['a supergraph.yaml that is no YAML', 'bad.yaml', 'subgraphs: [}'],
  ])('stops with SUPERGRAPH_INVALID on %s', async (_, name, text) => {
    const file = join(folder, name);
    if (text !== null) await writeFile(file, text);
    const child = spawnEntry('gateway.ts', { DATA_DIR: join(folder, 'gateway') }, [
      '--supergraph',
      file,
      '--port',
      '0',
    ]);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const [status] = await once(child, 'close');
    expect([status, said]).toEqual([1, expect.stringMatching(/^SUPERGRAPH_INVALID: /m)]);
  });
});
