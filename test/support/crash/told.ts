import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One change a watcher saw. */
export interface Seen {
  readonly token: string;
  readonly operation: string;
  readonly id: number;
}

/** What a process told before it was killed: all of it had been acknowledged, but for `asked`. */
export interface Told {
  readonly transfers: Set<number>;
  readonly inserts: Set<number>;
  readonly deletes: Set<number>;
  /** The highest `v` acknowledged, by item. */
  readonly updates: Map<number, number>;
  /** Every number a counter answered, by counter. */
  readonly counts: Map<string, number[]>;
  /** The last number sent, and the last answered, by session. */
  readonly asked: Map<string, number>;
  readonly answered: Map<string, number>;
  readonly seen: Seen[];
  /** Index builds that ended. */
  builds: number;
  acknowledged: number;
}

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

const NOTES: Readonly<Record<string, (told: Told, words: string[]) => void>> = {
  t: (told, [id]) => told.transfers.add(Number(id)),
  i: (told, [id]) => told.inserts.add(Number(id)),
  d: (told, [id]) => told.deletes.add(Number(id)),
  u: (told, [id, v]) => told.updates.set(Number(id), Number(v)),
  f: (told, [name = '', n]) => told.counts.set(name, [...(told.counts.get(name) ?? []), Number(n)]),
  q: (told, [session = '', number]) => told.asked.set(session, Number(number)),
  r: (told, [session = '', number]) => told.answered.set(session, Number(number)),
  w: (told, [token = '', operation = '', id]) => told.seen.push({ token, operation, id: Number(id) }),
  x: (told) => {
    told.builds += 1;
  },
};
/** What is no acknowledged write. */
const NO_WRITE = new Set(['q', 'w', 'x']);

function nothing(): Told {
  return {
    transfers: new Set(),
    inserts: new Set(),
    deletes: new Set(),
    updates: new Map(),
    counts: new Map(),
    asked: new Map(),
    answered: new Map(),
    seen: [],
    builds: 0,
    acknowledged: 0,
  };
}

/** Lets a child process work on a data folder until so many writes were acknowledged, then kills it in full flight. Numbers begin with `first`. */
export async function workUntilKilled(dataDir: string, first: number, writes: number): Promise<Told> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, dataDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told = nothing();
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind = '', ...words] = line.split(' ');
    NOTES[kind]?.(told, words);
    if (!NOTES[kind] || NO_WRITE.has(kind)) continue;
    told.acknowledged += 1;
    if (told.acknowledged === writes) child.kill('SIGKILL');
  }
  if (told.acknowledged < writes) throw new Error(`the child ended by itself after ${told.acknowledged} writes`);
  return told;
}
