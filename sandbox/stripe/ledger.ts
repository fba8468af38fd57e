import { type Database, open, type RootDatabase } from 'lmdb';
import { createDiskGate, freeBytesOf } from '../../lib/disk-gate.ts';
import type { StripeObject } from './objects/stripe-object.ts';

/** A stored object and when it came, relative to the others. */
interface Entry {
  readonly seq: number;
  readonly body: StripeObject;
}

/** Which objects of a kind, newest first. */
export interface Listing {
  readonly account: string;
  readonly object: string;
  /** Only those saved under this scope, for example `customer:cus_1`. @default all */
  readonly scope?: string;
  /** Only those older than this object. */
  readonly after?: string;
  /** Only those newer than this object; the page ends just before it. */
  readonly before?: string;
}

/** What the sandbox's accounts hold, on disk. Writes belong inside `write`, which is one lmdb transaction. */
export interface Ledger {
  get(account: string, object: string, id: string): StripeObject | null;
  /** Adds or replaces. The scopes are fixed when the object is first saved. AppError DISK_FULL, like all that writes. */
  put(account: string, body: StripeObject, scopes?: readonly string[]): void;
  remove(account: string, object: string, id: string): void;
  /** Lazily, newest first (oldest first with `before`); null when `after` or `before` does not exist. */
  list(listing: Listing): Iterable<StripeObject> | null;
  /** Runs the whole of it or, when it throws, nothing; committed on return. */
  write<Result>(run: () => Result): Result;
  /** A database of the same environment, for what is no Stripe object. */
  database<Value>(name: string): Database<Value, LedgerKey>;
  /** The next number, rising for ever. */
  nextSeq(): number;
  /** Resolves once all that `write` committed has been flushed to the disk. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Keys are lists, ordered element by element. */
export type LedgerKey = (string | number)[];

/** Opens the sandbox's ledger in a folder, made when missing. `freeBytes` tells how much room its disk has. */
export function openLedger(path: string, freeBytes: () => number = () => freeBytesOf(path)): Ledger {
  const gate = createDiskGate(freeBytes);
  const root = open({ path, overlappingSync: false, maxDbs: 8 });
  const database = <Value>(name: string) => root.openDB<Value, LedgerKey>({ name }) as Database<Value, LedgerKey>;
  const objects = database<Entry>('objects');
  const order = database<string>('order');
  const meta = database<number>('meta');
  const nextSeq = () => {
    gate.require();
    const seq = (meta.get(['seq']) ?? 0) + 1;
    meta.putSync(['seq'], seq);
    return seq;
  };
  return {
    get: (account, object, id) => objects.get([account, object, id])?.body ?? null,
    put: (account, body, scopes = []) => {
      gate.require();
      const key = [account, body.object, body.id];
      const known = objects.get(key);
      const seq = known?.seq ?? nextSeq();
      objects.putSync(key, { seq, body });
      if (known) return;
      for (const scope of ['', ...scopes]) order.putSync([account, body.object, scope, body.created, seq], body.id);
    },
    remove: (account, object, id) => {
      gate.require();
      const known = objects.get([account, object, id]);
      if (known) objects.removeSync([account, object, id]);
    },
    list: (listing) => list(objects, order, listing),
    write: (run) => root.transactionSync(run),
    database,
    nextSeq,
    flushed: () => flush(root),
    close: () => root.close(),
  };
}

async function flush(root: RootDatabase): Promise<void> {
  await root.flushed;
}

function list(
  objects: Database<Entry, LedgerKey>,
  order: Database<string, LedgerKey>,
  { account, object, scope = '', after, before }: Listing,
): Iterable<StripeObject> | null {
  const prefix = [account, object, scope];
  const placeOf = (id: string) => {
    const entry = objects.get([account, object, id]);
    return entry ? [...prefix, entry.body.created, entry.seq] : null;
  };
  const anchor = after ?? before;
  const place = anchor === undefined ? null : placeOf(anchor);
  if (anchor !== undefined && !place) return null;
  const forward = after === undefined && before !== undefined;
  const bounds = forward
    ? { start: place ?? prefix, exclusiveStart: true, end: [...prefix, Number.MAX_SAFE_INTEGER] }
    : {
        start: place ?? [...prefix, Number.MAX_SAFE_INTEGER],
        exclusiveStart: place !== null,
        end: prefix,
        reverse: true,
      };
  return walk(order.getRange(bounds), (id) => objects.get([account, object, id])?.body);
}

/** Entries whose object was removed are passed over: the order keeps them so that cursors stay good. */
function* walk(
  range: Iterable<{ value: string }>,
  find: (id: string) => StripeObject | undefined,
): Generator<StripeObject> {
  for (const { value } of range) {
    const body = find(value);
    if (body) yield body;
  }
}
