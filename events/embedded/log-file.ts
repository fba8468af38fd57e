import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { createDiskGate, type DiskGate, freeBytesOf } from '../../lib/disk-gate.ts';
import { AppError } from '../../lib/errors.ts';
import { requireIntactFile } from './intact-file.ts';

/** The two tables of the log in their one lmdb file. */
export interface LogFile {
  /** `[topic, partition, offset]` → a record. */
  readonly records: Database<Buffer, [string, number, number]>;
  /** What the log knows of itself, by a key that begins with its kind: see `keys`. */
  readonly facts: Database<unknown, (string | number)[]>;
  /** Every write goes through it: `run` writes in the turn it is called. AppError DISK_FULL, STORE_UNAVAILABLE. */
  write<Result>(run: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Layout of the file. A file with another one is refused. */
const LAYOUT = 1;

/** Keys of the facts. */
export const keys = {
  layout: ['layout'],
  topics: ['topic'],
  topic: (topic: string) => ['topic', topic],
  /** Offset of the first record still kept. */
  start: (topic: string, partition: number) => ['start', topic, partition],
  /** A full block of records, by its first offset: see `SizeBlocks`. */
  block: (topic: string, partition: number, first: number) => ['block', topic, partition, first],
  /** Offset of the next record a group reads. */
  commit: (group: string, topic: string, partition: number) => ['commit', group, topic, partition],
};

/**
 * Opens (or makes) `<folder>/log.mdb`. `overlappingSync` is off, so a write's promise resolves after its commit is on
 * disk; writes of one turn of the event loop, and all that arrive while a commit runs, share the next commit.
 * AppError DATA_DIR_UNWRITABLE, DATA_CORRUPT, DATA_DIR_VERSION.
 */
export function openLogFile(folder: string, freeBytes: () => number = () => freeBytesOf(folder)): LogFile {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError('DATA_DIR_UNWRITABLE', `The event log's folder ${folder} cannot be made.`, { cause });
  }
  const path = join(folder, 'log.mdb');
  requireIntactFile(path);
  let root: RootDatabase | undefined;
  try {
    root = open({ path, noSubdir: true, overlappingSync: false, maxDbs: 2 });
    const records = root.openDB<Buffer, [string, number, number]>({ name: 'records', encoding: 'binary' });
    const facts = root.openDB<unknown, (string | number)[]>({ name: 'facts', encoding: 'json' });
    requireLayout(facts);
    const opened = root;
    const write = createWrite(createDiskGate(freeBytes));
    return { records, facts, write, close: () => closeAfterWrites(opened, facts, write) };
  } catch (cause) {
    root?.close().catch(() => undefined);
    if (cause instanceof AppError) throw cause;
    throw new AppError('DATA_CORRUPT', `The event log ${path} cannot be read. Restore a backup, or move it away.`, {
      cause,
    });
  }
}

function createWrite(gate: DiskGate): LogFile['write'] {
  return async (run) => {
    gate.require();
    try {
      return await run();
    } catch (error) {
      gate.fail(error);
      throw error;
    }
  };
}

/** lmdb brings the process down when it is closed before its writes are through: one more write waits for all of them. */
async function closeAfterWrites(root: RootDatabase, facts: LogFile['facts'], write: LogFile['write']): Promise<void> {
  await write(() => facts.put(keys.layout, LAYOUT)).catch(() => undefined);
  await root.close();
}

function requireLayout(facts: LogFile['facts']): void {
  const found = facts.get(keys.layout);
  if (found === undefined) facts.putSync(keys.layout, LAYOUT);
  else if (found !== LAYOUT)
    throw new AppError('DATA_DIR_VERSION', `The event log has layout ${String(found)}, this version reads ${LAYOUT}.`);
}
