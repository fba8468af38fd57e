import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that does nothing but serve the embedded store. */
export interface StoreProcess {
  readonly uri: string;
  readonly pid: number;
  /** Milliseconds from the start of the process until it served. */
  readonly startedInMs: number;
  /** Bytes of memory that are its own and not a view of its file: what a container's limit counts and cannot take back. */
  anonymousMemory(): number;
  /**
   * Bytes it has handed to the kernel to write so far, its answers included (wchar of /proc/<pid>/io). Not write_bytes: on
   * file systems with large folios that counts the whole folio, a megabyte, for a page of 4 kB.
   */
  writtenBytes(): number;
  /** Closes the store; resolves when the process is gone. */
  stop(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('./serve-store.ts', import.meta.url));

function numberIn(path: string, label: string): number {
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((it) => it.startsWith(label));
  return Number(line?.match(/\d+/)?.[0] ?? Number.NaN);
}

/** Starts a store over a folder in a process of its own. Memory and writes are read from /proc, so on Linux only. */
export async function startStoreProcess(folder: string): Promise<StoreProcess> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [uri] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The process of the store ended with ${code}.`);
    }),
  ])) as [string];
  return {
    uri,
    pid: child.pid as number,
    startedInMs: performance.now() - start,
    anonymousMemory: () => numberIn(`/proc/${child.pid}/status`, 'RssAnon:') * 1024,
    writtenBytes: () => numberIn(`/proc/${child.pid}/io`, 'wchar:'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}
