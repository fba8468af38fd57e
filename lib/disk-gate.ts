import { statfsSync } from 'node:fs';
import { AppError } from './errors.ts';

/** Below this much free space nothing is written any more: room for what is under way, and for the log of a shutdown. */
const RESERVE_BYTES = 64 * 1024 * 1024;
/** How long one look at the disk counts, in milliseconds. */
const LOOK_EVERY_MS = 100;

/** What every write to a data file passes. */
export interface DiskGate {
  /** AppError DISK_FULL while the disk has no room to spare; STORE_UNAVAILABLE once a write failed. */
  require(): void;
  /** Tells of a failed write. What the file holds in memory can no longer be trusted, so none follows it until a restart. */
  fail(error: unknown): void;
}

/** Free bytes of the file system a path is on, as an ordinary user may use them; endless where it does not say. */
export function freeBytesOf(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * The gate of a data file. lmdb must not meet a full disk: a commit that fails there and is tried again corrupts its memory
 * and ends the process by a signal (lmdb 3.5.6). So writes are refused while there is still room, and go on once there is again.
 */
export function createDiskGate(freeBytes: () => number): DiskGate {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let hasRoom = true;
  let failure: unknown = null;
  return {
    require() {
      if (failure !== null)
        throw new AppError(
          'STORE_UNAVAILABLE',
          'A write to the disk failed; nothing more is written until a restart.',
          {
            cause: failure,
          },
        );
      const now = performance.now();
      if (now - lookedAt >= LOOK_EVERY_MS) {
        hasRoom = freeBytes() >= RESERVE_BYTES;
        lookedAt = now;
      }
      if (!hasRoom)
        throw new AppError('DISK_FULL', 'The disk of the data folder is full; nothing is written until it has room.');
    },
    fail(error) {
      failure ??= error;
      // lmdb rejects a second promise with what the system said; nobody else listens to it.
      (error as { commitError?: Promise<unknown> } | null)?.commitError?.catch(() => undefined);
    },
  };
}
