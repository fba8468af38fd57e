import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../store/connect.ts';

/** What a killed process had been told was done, and what its watcher had seen. */
export interface Acknowledged {
  readonly transactions: number[];
  readonly inserts: number[];
  readonly seen: number[];
}

/** What is in the store after the crash. */
export interface Aftermath {
  readonly lostInserts: number[];
  readonly lostTransactions: number[];
  /** Of which only one of the two documents is there. */
  readonly halfTransactions: number[];
  /** Told by the watcher, but not there: a change must be on disk before it is told. */
  readonly phantoms: number[];
  /** Transactions in the store less those the counters count. */
  readonly miscounted: number;
  readonly stored: number;
}

const CHILD = fileURLToPath(new URL('../store/embedded/crash-child.ts', import.meta.url));

/** Lets a child process write until so many writes were acknowledged, then kills it in full flight. `first` is its first number. */
export async function writeUntilKilled(dataDir: string, first: number, writes: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, dataDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: Acknowledged = { transactions: [], inserts: [], seen: [] };
  const lists: Record<string, number[]> = {
    t: acknowledged.transactions,
    i: acknowledged.inserts,
    w: acknowledged.seen,
  };
  let left = writes;
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind = '', number] = line.split(' ');
    if (!lists[kind]) continue;
    lists[kind].push(Number(number));
    if (kind !== 'w') left -= 1;
    if (left === 0) child.kill('SIGKILL');
  }
  return acknowledged;
}

/** Opens the store again and compares. */
export async function inspect(dataDir: string, { transactions, inserts, seen }: Acknowledged): Promise<Aftermath> {
  const store = await openStore({ dataDir });
  const ids = async (collection: string) => {
    const rows = await store.connection
      .collection<{ _id: number }>(collection)
      .find({}, { projection: { _id: 1 } })
      .toArray();
    return new Set(rows.map(({ _id }) => _id));
  };
  const [left, right, singles] = [await ids('left'), await ids('right'), await ids('singles')];
  const counters = await store.connection.collection<{ _id: string; n: number }>('counters').find().toArray();
  await store.close();
  return {
    lostInserts: inserts.filter((id) => !singles.has(id)),
    lostTransactions: transactions.filter((id) => !left.has(id)),
    halfTransactions: [...new Set([...left, ...right])].filter((id) => left.has(id) !== right.has(id)),
    phantoms: seen.filter((id) => !left.has(id)),
    miscounted: left.size - counters.reduce((sum, { n }) => sum + n, 0),
    stored: left.size + singles.size,
  };
}
