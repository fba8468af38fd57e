import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** 4 kB appended and synced to disk, one after the other: what the machine gives before anybody's software, per second. */
export function measureFsync(folder: string, milliseconds: number): number {
  const file = openSync(join(folder, 'fsync-rate'), 'w');
  const page = Buffer.alloc(4096, 1);
  const start = performance.now();
  let syncs = 0;
  for (; performance.now() - start < milliseconds; syncs += 1) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const took = performance.now() - start;
  closeSync(file);
  return Math.round((syncs / took) * 1000);
}
