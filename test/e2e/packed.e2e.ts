import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { ask } from '../../app/demo/graph-client.ts';
import { createSandboxClient } from '../../app/demo/sandbox-client.ts';
import { toBoundPort } from '../../app/free-port.ts';

const run = promisify(execFile);
/** What npm says when it reaches no registry. */
const NO_REGISTRY = /E(NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|NETUNREACH|NOTCACHED)/;

let folder: string;
let project: string;
let unreachable: string | null = null;
let server: ChildProcess | undefined;

/** The package as `npm pack` makes it, its build not in the tree but in a folder of its own. */
async function pack(): Promise<{ path: string; bytes: number; files: string[] }> {
  const staged = join(folder, 'package');
  const dist = join(staged, 'dist');
  await mkdir(staged);
  await run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', dist]);
  await run('node', ['.ci/copy-schemas.mjs', dist]);
  const { files } = JSON.parse(await readFile('package.json', 'utf8')) as { files: string[] };
  for (const name of ['package.json', ...files.filter((file) => file !== 'dist')])
    await cp(name, join(staged, name), { recursive: true });
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], { cwd: staged, maxBuffer: 16_000_000 });
  const [packed] = JSON.parse(stdout) as [{ filename: string; size: number; files: { path: string }[] }];
  return { path: join(staged, packed.filename), bytes: packed.size, files: packed.files.map(({ path }) => path) };
}

async function install(tarball: string): Promise<void> {
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "name": "somebody-else", "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: project }).catch(
    (error) => {
      if (!NO_REGISTRY.test(String(error.stderr))) throw error;
      unreachable = 'npm reaches no registry here: the packed package is NOT tested.';
    },
  );
}

/** For tests that need the installed package. */
function needsInstall({ skip }: TestContext): void {
  if (unreachable) skip(unreachable);
}

let packed: Awaited<ReturnType<typeof pack>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-packed-'));
  project = join(folder, 'project');
  packed = await pack();
  await install(packed.path);
}, 180_000);
afterAll(async () => {
  if (server && server.exitCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

describe('the packed package', () => {
  it('holds what it runs on and no source or test, in less than 2 MB', () => {
    expect(packed.bytes).toBeLessThan(2_000_000);
    expect(packed.files).toEqual(
      expect.arrayContaining([
        'NOTICE',
        'LICENSE',
        'schema/api.graphql',
        'schema/partner.graphql',
        'schema/gateway-config.schema.json',
        'docs/migrate-from-apollo-gateway.md',
        'dist/gateway/index.d.ts',
      ]),
    );
    expect(packed.files.filter((path) => /(?<!\.d)\.ts$|^(test|bench)\//.test(path))).toEqual([]);
  });

  it('is a whole Tributary by its program alone: query, webhook to subscriber, explorer', {
    timeout: 90_000,
  }, async (context) => {
    needsInstall(context);
    const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
    const env = {
      ...process.env,
      DATA_DIR: join(folder, 'data'),
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
    };
    const program = join(project, 'node_modules', '.bin', 'tributary');
    server = spawn(program, [], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await vi.waitUntil(isReady, { timeout: 60_000, interval: 100 });

    const { stdout } = await run(program, ['token', '--role', 'sales'], { cwd: project, env });
    const token = stdout.trimEnd().split('\n').at(-1) ?? '';
    const query = '{ stripeInvoices(first: 1, status: OPEN) { nodes { externalId status account { name } } } }';
    const [invoice] = (await ask(url, token, query)).data.stripeInvoices.nodes;
    expect(invoice).toMatchObject({ status: 'OPEN', account: { name: expect.stringMatching(/\w/) } });

    await createSandboxClient(`http://127.0.0.1:${sandboxPort}`).payInvoice(invoice.externalId);
    const isPaid = async () => {
      const { data } = await ask(url, token, query);
      return data.stripeInvoices.nodes[0]?.externalId !== invoice.externalId;
    };
    await vi.waitUntil(isPaid, { timeout: 10_000, interval: 50 });

    for (const path of ['/', '/explorer/boot.js', '/explorer/examples'])
      expect((await fetch(`${url}${path}`)).status).toBe(200);
  });

  it('gives programs `createGateway` and `createApolloGateway`, with their types', {
    timeout: 60_000,
  }, async (context) => {
    needsInstall(context);
    await writeFile(join(project, 'gateway.mts'), GATEWAY);
    const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc');
    const types = [
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--typeRoots',
      join(process.cwd(), 'node_modules/@types'),
    ];
    await run('node', [tsc, ...types, '--types', 'node', 'gateway.mts'], { cwd: project });
    const { stdout } = await run('node', ['gateway.mjs'], { cwd: project });
    const answer = { data: { __typename: 'Query' } };
    expect(JSON.parse(stdout)).toEqual({ own: answer, apollo: answer });
  });

  it('is a gateway of any supergraph by its program', { timeout: 60_000 }, async (context) => {
    needsInstall(context);
    const program = join(project, 'node_modules', '.bin', 'tributary');
    const supergraph = join('node_modules', 'tributary', 'schema', 'supergraph.graphql');
    const settings = join(folder, 'gateway.yaml');
    await writeFile(settings, 'limits: { depth: 15 }\n');
    const args = ['gateway', '--supergraph', supergraph, '--config', settings, '--port', '0'];
    const gateway = spawn(program, args, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(gateway.stdout, 'data')) as [Buffer];
    const [, url = ''] = /answers at (\S+)\/graphql/.exec(String(line)) ?? [];
    expect((await ask(url, '', '{ __typename }')).data).toEqual({ __typename: 'Query' });
    gateway.kill('SIGTERM');
    expect(await once(gateway, 'exit')).toEqual([0, null]);
  });
});

/** Two gateways of Tributary's graph over subgraphs that need not run: `__typename` is answered without them. */
const GATEWAY = `
import { readFile } from 'node:fs/promises';
import { ApolloServer } from '@apollo/server';
import { createApolloGateway, createGateway, createHttpTransport, type Gateway, readRoutingUrls } from 'tributary';

const supergraph = await readFile('node_modules/tributary/schema/supergraph.graphql', 'utf8');
const subgraphs = Object.fromEntries(Object.entries(readRoutingUrls(supergraph)).map(([name, url]) => [name, { url, trusted: false }]));
const gateway: Gateway = await createGateway({ supergraph, transport: createHttpTransport({ subgraphs }) });
const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
const headers = { 'content-type': 'application/json' };
const answer = await fetch(url + '/graphql', { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
const own = await answer.json();
await gateway.close();

const server = new ApolloServer({ gateway: createApolloGateway({ supergraphSdl: supergraph }) });
const { body } = await server.executeOperation({ query: '{ __typename }' });
const apollo = body.kind === 'single' ? { data: body.singleResult.data } : body.kind;
await server.stop();
console.log(JSON.stringify({ own, apollo }));
`;
