import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../app/demo/graph-client.ts';
import { developmentTokens } from '../app/demo/tokens.ts';
import { toBoundPort } from '../app/free-port.ts';
import { startServerProcess } from '../app/server-process.ts';
import { toPercentiles } from './percentiles.ts';

const QUERY = '{ stripeInvoices(first: 3) { nodes { status account { name } } } }';

/** From the start of the process until a federated query is answered: on an empty data folder, and on the same again. */
export async function benchStart({ quick }: { quick: boolean }): Promise<Record<string, unknown>> {
  const first: number[] = [];
  const next: number[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
    try {
      first.push(await timeToAnswer(dataDir));
      next.push(await timeToAnswer(dataDir));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }
  return { unit: 'ms', firstStart: toPercentiles(first), nextStart: toPercentiles(next) };
}

async function timeToAnswer(dataDir: string): Promise<number> {
  const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
  const start = performance.now();
  const server = await startServerProcess({ dataDir, port, sandboxPort });
  const { data } = await ask(server.url, await developmentTokens({ dataDir, url: server.url })('sales'), QUERY);
  const took = performance.now() - start;
  await server.stop();
  if (data?.stripeInvoices.nodes.length !== 3) throw new Error('The first query was not answered.');
  return took;
}
