import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { openEndpoint, stripeAt } from './open-sandbox.ts';

const PROGRAM = fileURLToPath(new URL('sandbox-process.ts', import.meta.url));
const children: ChildProcess[] = [];
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-sandbox-crash-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

async function start(hook: string): Promise<{ url: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, dataDir, hook], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url: line.toString().trim(), kill };
}

describe('a sandbox that is killed', () => {
  it('still has all that it answered, and posts every webhook that nobody acknowledged', {
    timeout: 40_000,
  }, async () => {
    let isUp = false;
    const endpoint = await openEndpoint(() => (isUp ? 200 : 503));
    const answered: string[] = [];
    for (const delay of [20, 60, 150]) {
      const { url, kill } = await start(endpoint.url);
      const stripe = stripeAt(url, 'sk_test_a');
      const writing = Promise.allSettled(
        Array.from({ length: 4 }, async (_, lane) => {
          for (let count = 0; ; count += 1)
            answered.push((await stripe.customers.create({ name: `${delay}-${lane}-${count}` })).id);
        }),
      );
      await until('something was answered', () => answered.length > 0);
      await new Promise((resolve) => setTimeout(resolve, delay));
      await kill();
      await writing;
    }
    isUp = true;
    const { url, kill } = await start(endpoint.url);
    const held = new Set<string>();
    for await (const { id } of stripeAt(url, 'sk_test_a').customers.list({ limit: 100 })) held.add(id);
    expect(answered.filter((id) => !held.has(id))).toEqual([]);
    const told = () => new Set(endpoint.arrivals.map(({ body }) => JSON.parse(body).data.object.id as string));
    await until('every customer was told of', () => [...held].every((id) => told().has(id)));
    await kill();
    await endpoint.close();
  });
});
