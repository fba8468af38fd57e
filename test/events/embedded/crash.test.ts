import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open as openFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedBus } from '../../../events/embedded.ts';
import { until } from '../../support/until.ts';

const TOPIC = 't.crash';
const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
const ROUNDS = 4;
const WRITER = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

describe('the embedded bus under kill -9', () => {
  let path: string;
  const acknowledged = new Set<string>();
  const handled = new Set<string>();

  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
  });
  afterAll(() => rm(path, { recursive: true, force: true }));

  /** Runs the writer until a random moment after it began to write. */
  async function killAtRandom(): Promise<void> {
    // Into a file: a pipe that this process empties too slowly would stop the writer before we do.
    const said = await openFile(join(path, 'said'), 'w+');
    const child = spawn(process.execPath, ['--import', 'tsx', WRITER, path, TOPIC, ...KEYS], {
      stdio: ['ignore', said.fd, 'inherit'],
    });
    const ended = once(child, 'close');
    await until('the writer writes', async () => (await readFile(join(path, 'said'), 'utf8')).includes('\n+ '), 30_000);
    await wait(50 + Math.random() * 250);
    child.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');
    await said.close();
    const output = await readFile(join(path, 'said'), 'utf8');
    for (const line of output.split('\n').slice(0, -1)) {
      const [sign, key, number] = line.split(' ');
      if (sign === '+') acknowledged.add(`${key} ${number}`);
      if (sign === '=') handled.add(`${key} ${number}`);
    }
  }

  it(`loses nothing it acknowledged, leaves no gap, and skips nothing for its group, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) await killAtRandom();
    const bus = await openEmbeddedBus({ path });
    const stored = new Map<string, number[]>();
    let total = 0;
    const from = await bus.positions([TOPIC], 'earliest');
    const tail = await bus.tail({
      topics: [TOPIC],
      from,
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
    await until('the log is read', caughtUp);
    await until('the group is through', async () =>
      (await bus.lag('survivors', [TOPIC])).every((lag) => lag.behind === 0),
    );
    await bus.close();

    expect(acknowledged.size).toBeGreaterThan(ROUNDS * KEYS.length);
    const inLog = new Set([...stored].flatMap(([key, numbers]) => numbers.map((number) => `${key} ${number}`)));
    expect([...acknowledged].filter((record) => !inLog.has(record))).toEqual([]);
    for (const numbers of stored.values()) expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect([...inLog].filter((record) => !handled.has(record))).toEqual([]);
    expect(total).toBe(inLog.size);
  }, 60_000);
});
