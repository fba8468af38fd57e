import { execFile } from 'node:child_process';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOperation } from '../app/demo/graph-client.ts';
import { createSandboxClient } from '../app/demo/sandbox-client.ts';
import { createInvoiceWebhooks } from './support/invoice-webhooks.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';
import { until } from './support/until.ts';

/** The major versions of Node that Tributary runs on (package.json, engines). */
const MAJORS = [20, 22, 24];
const FETCH_MS = 120_000;
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'tributary-node-'));

/** The newest Node of a major version: the running one, or the `node` package of npm, which holds the binary. */
async function findNode(major: number): Promise<string | null> {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const prefix = join(folder, String(major));
  const binary = join(prefix, 'node_modules', 'node', 'bin', 'node');
  try {
    const args = ['install', '--prefix', prefix, `node@${major}`, '--no-save', '--no-audit', '--no-fund'];
    await run('npm', args, { timeout: FETCH_MS });
    const { stdout } = await run(binary, ['--version']);
    if (stdout.startsWith(`v${major}.`)) return binary;
    console.warn(`Node ${major} NOT RUN: npm gave ${stdout.trim()} instead.`);
  } catch (error) {
    console.warn(`Node ${major} NOT RUN: npm could not fetch it: ${String(error).split('\n')[0]}`);
  }
  return null;
}

const nodes = await Promise.all(MAJORS.map(async (major) => [major, await findNode(major)] as const));

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(nodes)('on Node %i', (major, node) => {
  const its = it.skipIf(node === null);
  let server: OwnServer;
  beforeAll(async () => {
    if (node !== null) server = await startOwnServer({}, node);
  });
  afterAll(() => server?.close());

  its('npm start runs on that very version', async () => {
    const program = process.platform === 'linux' ? await readlink(`/proc/${server.process().pid}/exe`) : (node ?? '');
    const { stdout } = await run(program, ['--version']);
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
    // What Node warns of today it takes away tomorrow.
    expect(server.process().output()).not.toMatch(/Warning|deprecated/i);
  });

  its('a query, a payment at the vendor and its webhook go through, and a kill -9 loses nothing of them', async () => {
    const open = await server.ask('sales', await readOperation('open-invoices'), { first: 20 });
    const [invoice] = open.data.stripeInvoices.nodes;
    const statusOf = async () => {
      const query = 'query ($id: ID!) { stripeInvoice(id: $id) { status } }';
      return (await server.ask('sales', query, { id: invoice.id })).data?.stripeInvoice?.status;
    };
    await createSandboxClient(`http://127.0.0.1:${server.sandboxPort}`).payInvoice(invoice.externalId);
    await until('the payment is in the graph', async () => (await statusOf()) === 'PAID');
    const webhooks = await createInvoiceWebhooks(server);
    expect(await webhooks.post('beforethekill')).toBe(200);
    await server.process().kill();
    await server.restart();
    expect(await statusOf()).toBe('PAID');
    await until('the webhook that was acknowledged is in the graph', async () => {
      const list = '{ stripeInvoices(first: 100) { nodes { externalId } } }';
      const { data } = await server.ask('sales', list);
      return data.stripeInvoices.nodes.some((node: { externalId: string }) => node.externalId === 'in_beforethekill');
    });
  });

  its('a mutation outlives a graceful stop', async () => {
    const create =
      'mutation { accountCreate(input: { name: "Matrix", idempotencyKey: "matrix" }) { account { name } userErrors { code } } }';
    const { data } = await server.ask('admin', create);
    expect(data.accountCreate).toEqual({ account: { name: 'Matrix' }, userErrors: [] });
    expect(await server.process().stop()).toBe(0);
    await server.restart();
    const newest = await server.ask('admin', '{ accounts(first: 1) { nodes { name } } }');
    expect(newest.data).toEqual({ accounts: { nodes: [{ name: 'Matrix' }] } });
  });
});
