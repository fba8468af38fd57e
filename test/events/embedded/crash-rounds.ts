import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open as openFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openEmbeddedBus } from '../../../events/embedded.ts';
import { until } from '../../support/until.ts';

const TOPIC = 't.crash';
const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
const WRITER = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

/** What killed processes said they had, as `key number`. */
interface Said {
  readonly acknowledged: Set<string>;
  readonly handled: Set<string>;
}

/**
 * Kills a process that publishes and reads at a random moment, so many times, on one log; then expects that nothing
 * acknowledged is lost, no number is missing or there twice, and the group skipped nothing.
 */
export async function expectToSurvive(rounds: number): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
  const said: Said = { acknowledged: new Set(), handled: new Set() };
  try {
    for (let round = 0; round < rounds; round += 1) await killAtRandom(path, said);
    expect(said.acknowledged.size).toBeGreaterThan(rounds * KEYS.length);
    await expectAllThere(path, said);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** Runs the writer until a random moment after it began to write. */
async function killAtRandom(path: string, { acknowledged, handled }: Said): Promise<void> {
  // Into a file: a pipe that this process empties too slowly would stop the writer before we do.
  const output = await openFile(join(path, 'said'), 'w+');
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, path, TOPIC, ...KEYS], {
    stdio: ['ignore', output.fd, 'inherit'],
  });
  const ended = once(child, 'close');
  await until('the writer writes', async () => (await readFile(join(path, 'said'), 'utf8')).includes('\n+ '), 30_000);
  await wait(50 + Math.random() * 250);
  child.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
  await output.close();
  const text = await readFile(join(path, 'said'), 'utf8');
  for (const line of text.split('\n').slice(0, -1)) {
    const [sign, key, number] = line.split(' ');
    if (sign === '+') acknowledged.add(`${key} ${number}`);
    if (sign === '=') handled.add(`${key} ${number}`);
  }
}

async function expectAllThere(path: string, { acknowledged, handled }: Said): Promise<void> {
  const bus = await openEmbeddedBus({ path });
  const stored = new Map<string, number[]>();
  let total = 0;
  const tail = await bus.tail({
    topics: [TOPIC],
    from: await bus.positions([TOPIC], 'earliest'),
    onRecord: ({ key, value }) => {
      total += 1;
      stored.set(key, [...(stored.get(key) ?? []), Number(Buffer.from(value).toString())]);
    },
  });
  await bus.consume({
    group: 'survivors',
    topics: [TOPIC],
    handler: async ({ key, value }) => void handled.add(`${key} ${Buffer.from(value).toString()}`),
  });
  const ends = await bus.positions([TOPIC], 'latest');
  const caughtUp = () => tail.positions().every(({ partition, offset }) => offset >= ends[partition]!.offset);
  await until('the log is read', caughtUp, 60_000);
  const behind = async () => (await bus.lag('survivors', [TOPIC])).some((lag) => lag.behind > 0);
  await until('the group is through', async () => !(await behind()), 60_000);
  await bus.close();
  const inLog = new Set([...stored].flatMap(([key, numbers]) => numbers.map((number) => `${key} ${number}`)));
  expect([...acknowledged].filter((record) => !inLog.has(record))).toEqual([]);
  for (const numbers of stored.values()) expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect([...inLog].filter((record) => !handled.has(record))).toEqual([]);
  expect(total).toBe(inLog.size);
}
