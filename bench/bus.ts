import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { openEmbeddedBus } from '../events/embedded.ts';

const TOPIC = 'bench.bus';
const PARTITIONS = 4;
const VALUE = Buffer.alloc(512, 'x');
const BATCH = 500;
const AT_ONCE = 100;
const record = (index: number) => ({ key: `key-${index % 1_000}`, value: VALUE, headers: { ce_id: String(index) } });

/** A way to write records durably, and how it is closed. */
interface Writer {
  /** Resolves when so many more records are on disk. */
  write(count: number): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * The embedded bus: records of 512 bytes acknowledged per second, in batches of 500 (two at a time) and one by one by 100
 * callers, and read back by a group. Beside them, turn by turn on the same disk, what could be had at most: bare lmdb puts, and
 * appends to a file with one fdatasync for each batch; and how many syncs the disk does in a second.
 */
export async function benchBus({ quick }: { quick: boolean }): Promise<Record<string, unknown>> {
  const rounds = quick ? 2 : 5;
  const forMs = quick ? 700 : 2_000;
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const makers = { bus: openBusWriter, lmdb: openLmdbWriter, file: openFileWriter };
  const figures: Record<string, number[]> = {};
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, make] of Object.entries(makers)) {
        const writer = await make(join(folder, `${name}-${round}`));
        keep(figures, `${name}Batched`, await rate(() => writer.write(BATCH), { callers: 2, each: BATCH, forMs }));
        keep(figures, `${name}Single`, await rate(() => writer.write(1), { callers: AT_ONCE, each: 1, forMs }));
        await writer.close();
      }
      keep(figures, 'consumed', await consumeRate(join(folder, `read-${round}`), quick ? 10_000 : 50_000));
      keep(figures, 'fsync', await fsyncRate(join(folder, 'fsync'), forMs / 2));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const median = Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, middle(all)]));
  const ratio = (one: string, other: string) => Math.round((100 * (median[one] ?? 0)) / (median[other] ?? 1)) / 100;
  return {
    unit: 'records of 512 bytes per second, median of the rounds; fsync: 4 kB appends with fdatasync per second',
    rounds,
    ...median,
    ratio: {
      batchedToLmdb: ratio('busBatched', 'lmdbBatched'),
      batchedToFile: ratio('busBatched', 'fileBatched'),
      singleToLmdb: ratio('busSingle', 'lmdbSingle'),
      singleToFile: ratio('busSingle', 'fileSingle'),
    },
  };
}

function keep(figures: Record<string, number[]>, name: string, figure: number): void {
  figures[name] = [...(figures[name] ?? []), Math.round(figure)];
}

function middle(figures: readonly number[]): number {
  return [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Records per second that so many callers get through, each writing again as soon as it was told. */
async function rate(
  write: () => Promise<unknown>,
  { callers, each, forMs }: { callers: number; each: number; forMs: number },
): Promise<number> {
  const began = performance.now();
  let written = 0;
  const calling = Array.from({ length: callers }, async () => {
    while (performance.now() - began < forMs) {
      await write();
      written += each;
    }
  });
  await Promise.all(calling);
  return (written * 1_000) / (performance.now() - began);
}

async function openBusWriter(path: string): Promise<Writer> {
  const bus = await openEmbeddedBus({ path });
  await bus.ensureTopics([{ name: TOPIC, partitions: PARTITIONS, retentionMs: 3_600_000, retentionBytes: 1e9 }]);
  let next = 0;
  return {
    write: (count) => {
      const records = Array.from({ length: count }, (_, index) => record(next + index));
      next += count;
      return bus.publish(TOPIC, records);
    },
    close: () => bus.close(),
  };
}

async function openLmdbWriter(path: string): Promise<Writer> {
  const database = openLmdb<Buffer, number>({ path, encoding: 'binary', overlappingSync: false });
  let next = 0;
  return {
    write: (count) => {
      const puts = Array.from({ length: count }, (_, index) => database.put(next + index, VALUE));
      next += count;
      return Promise.all(puts);
    },
    close: async () => {
      await database.put(next, VALUE);
      await database.close();
    },
  };
}

/** Group commit in its barest form: what comes while a sync is under way shares the next. */
async function openFileWriter(path: string): Promise<Writer> {
  const file = await open(path, 'a');
  let waiting = 0;
  let sync: Promise<void> = Promise.resolve();
  let planned: Promise<void> | null = null;
  const flush = async () => {
    await sync;
    planned = null;
    const count = waiting;
    waiting = 0;
    sync = file.appendFile(Buffer.alloc(VALUE.length * count)).then(() => file.datasync());
    await sync;
  };
  return {
    write: (count) => {
      waiting += count;
      planned ??= flush();
      return planned;
    },
    close: () => file.close(),
  };
}

async function consumeRate(path: string, count: number): Promise<number> {
  const bus = await openEmbeddedBus({ path });
  await bus.ensureTopics([{ name: TOPIC, partitions: PARTITIONS, retentionMs: 3_600_000 }]);
  for (let from = 0; from < count; from += BATCH)
    await bus.publish(
      TOPIC,
      Array.from({ length: BATCH }, (_, index) => record(from + index)),
    );
  const began = performance.now();
  let got = 0;
  await new Promise<void>((resolve, reject) => {
    const handler = async () => {
      got += 1;
      if (got === count) resolve();
    };
    bus.consume({ group: 'bench', topics: [TOPIC], handler }).catch(reject);
  });
  const took = performance.now() - began;
  await bus.close();
  return (count * 1_000) / took;
}

async function fsyncRate(path: string, forMs: number): Promise<number> {
  const file = await open(path, 'a');
  const page = Buffer.alloc(4_096);
  const began = performance.now();
  let done = 0;
  for (; performance.now() - began < forMs; done += 1) {
    await file.appendFile(page);
    await file.datasync();
  }
  await file.close();
  return (done * 1_000) / (performance.now() - began);
}
