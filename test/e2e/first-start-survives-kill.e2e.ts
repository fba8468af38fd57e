import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toConnections } from '../../app/connections.ts';
import { loadDemo } from '../../app/demo-data.ts';
import { toBoundPort } from '../../app/free-port.ts';
import { openRuntime } from '../../app/runtime.ts';
import { openStripeSandbox, SANDBOX_ACCOUNTS, stripeObjectsOf, toSandboxConnections } from '../../app/sandboxes.ts';
import { spawnEntry, startServerProcess } from '../../app/server-process.ts';
import { loadConfig } from '../../lib/config.ts';
import { silentLogger } from '../../lib/logger.ts';
import { createClient } from '../../subgraphs/stripe/client.ts';
import { resync } from '../../subgraphs/stripe/sync.ts';
import { createRandom } from '../support/random.ts';

const ROUNDS = 5;
/** From before the folder exists to about the end of the loading, on a quick machine and on a slow one. */
const [EARLIEST_MS, LATEST_MS] = [300, 4_000];

it(`completes the demo data whole after a first start killed at any point, ${ROUNDS} times`, {
  timeout: 300_000,
}, async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  process.stdout.write(`kill -9 seed ${seed}\n`);
  const random = createRandom(seed);
  for (let round = 0; round < ROUNDS; round += 1) {
    // One part of the span a round, so that five rounds reach all of it.
    const share = (round + random()) / ROUNDS;
    await completesAfterKill(EARLIEST_MS + share * (LATEST_MS - EARLIEST_MS));
  }
});

async function completesAfterKill(afterMs: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-e2e-'));
  try {
    const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
    const first = spawnEntry('start.ts', { DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(sandboxPort) });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    first.kill('SIGKILL');
    await once(first, 'exit');
    const second = await startServerProcess({ dataDir, port, sandboxPort });
    expect(await second.stop()).toBe(0);
    await expectWhole(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The store holds what the data's origin says it must, no more and no less, and the sandbox the same. */
async function expectWhole(dataDir: string): Promise<void> {
  const demo = await loadDemo(dataDir);
  const config = { ...loadConfig(), DATA_DIR: dataDir, SANDBOX_PORT: 0 };
  const gatewayUrl = 'http://127.0.0.1:1';
  const sandbox = await openStripeSandbox({ config, dataDir, gatewayUrl, demo, logger: silentLogger });
  const connections = toConnections(config, toSandboxConnections(sandbox.url));
  const ground = await openRuntime({ config, dataDir, connections, logger: silentLogger });
  try {
    const { accounts } = demo.data();
    const objects = Object.values(SANDBOX_ACCOUNTS).flatMap(({ tenant }) => stripeObjectsOf(tenant, demo));
    const countOf = (collection: string) => ground.store.connection.collection(collection).countDocuments();
    expect({
      accounts: await countOf('crm_accounts'),
      contacts: await countOf('crm_contacts'),
      customers: await countOf('stripe_customers'),
      subscriptions: await countOf('stripe_subscriptions'),
      invoices: await countOf('stripe_invoices'),
    }).toEqual({
      accounts: accounts.length,
      contacts: accounts.reduce((sum, { contacts }) => sum + contacts.length, 0),
      customers: objects.filter(({ object }) => object === 'customer').length,
      subscriptions: objects.filter(({ object }) => object === 'subscription').length,
      invoices: objects.filter(({ object }) => object === 'invoice').length,
    });
    const runtime = { ...ground, exists: () => Promise.resolve(new Set<string>()) };
    for (const connection of connections.list('stripe')) {
      const report = await resync({ runtime, client: createClient(runtime) }, connection);
      expect(report).toMatchObject({ created: 0, updated: 0 });
      expect(report.seen).toBeGreaterThan(500);
    }
  } finally {
    await ground.close();
    await sandbox.close();
  }
}
