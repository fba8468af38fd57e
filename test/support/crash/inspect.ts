import { UUID } from 'bson';
import { openStore } from '../../../store/connect.ts';
import type { Store } from '../../../store/store.ts';
import { dial } from '../raw-wire.ts';
import { verifyStore } from '../verify-store.ts';
import { type Account, type Counter, type Item, START_BALANCE, socketOf, type Transfer, toRetried } from './model.ts';
import type { Seen, Told } from './told.ts';

/** What is wrong after a crash; every list is empty when nothing is. */
export interface Aftermath {
  /** Acknowledged, and not there as it was acknowledged. */
  readonly lost: string[];
  /** Accounts whose balance is not what the transfers that are there make it. */
  readonly halfTransactions: string[];
  /** Told by the watcher, but not there; a gap or a repetition in the stream, before the kill and resumed after it. */
  readonly stream: string[];
  /** Retried writes that were not done exactly once. */
  readonly retries: string[];
  /** A unique key taken twice. */
  readonly unique: string[];
  /** Indexes and documents that disagree. */
  readonly disagreements: string[];
}

async function allOf<Row extends { _id: unknown }>(store: Store, name: string): Promise<Map<Row['_id'], Row>> {
  const rows = (await store.connection.collection(name).find().toArray()) as unknown as Row[];
  return new Map(rows.map((row) => [row._id, row]));
}

async function lostOf(store: Store, told: Told, items: Map<number, Item>): Promise<string[]> {
  const transfers = await allOf<Transfer>(store, 'transfers');
  const counters = await allOf<Counter>(store, 'counters');
  const mayBeGone = (id: number) => told.deletes.has(id) || told.updates.get(id) === 3;
  const counts = [...told.counts].filter(([name, list]) => (counters.get(name)?.n ?? 0) < Math.max(...list));
  const repeated = [...told.counts].filter(([, list]) => new Set(list).size < list.length);
  return [
    ...[...told.transfers].filter((id) => !transfers.has(id)).map((id) => `transfer ${id}`),
    ...[...told.inserts].filter((id) => !items.has(id) && !mayBeGone(id)).map((id) => `insert ${id}`),
    ...[...told.deletes].filter((id) => items.has(id)).map((id) => `delete ${id}`),
    ...[...told.updates].filter(([id, v]) => (items.get(id)?.v ?? 3) < v).map(([id, v]) => `update ${id} to ${v}`),
    ...counts.map(([name]) => `count of ${name}`),
    ...repeated.map(([name]) => `count of ${name}, given out twice`),
  ];
}

async function halvesOf(store: Store): Promise<string[]> {
  const moved = new Map<number, number>();
  for (const { from, to, amount } of (await allOf<Transfer>(store, 'transfers')).values()) {
    moved.set(from, (moved.get(from) ?? 0) - amount);
    moved.set(to, (moved.get(to) ?? 0) + amount);
  }
  return [...(await allOf<Account>(store, 'accounts')).values()]
    .filter(({ _id, balance }) => balance !== START_BALANCE + (moved.get(_id) ?? 0))
    .map(({ _id, balance }) => `account ${_id} has ${balance}`);
}

/** What a watcher is told that comes back with the last token it was given. */
async function resumed(store: Store, token: string): Promise<Seen[]> {
  const client = await dial(socketOf((store as Store & { dataDir: string }).dataDir));
  const stage = { $changeStream: { resumeAfter: { _data: token } } };
  const pipeline = [stage, { $match: { operationType: { $in: ['insert', 'delete'] } } }];
  const facts = { $db: 'tributary' };
  let { cursor } = await client.command({ aggregate: 'items', pipeline, cursor: {}, ...facts });
  const seen: Seen[] = [];
  for (let batch = cursor.firstBatch, isFirst = true; isFirst || batch.length > 0; isFirst = false) {
    for (const event of batch)
      seen.push({ token: event._id._data, operation: event.operationType, id: event.documentKey._id });
    ({ cursor } = await client.command({ getMore: cursor.id, collection: 'items', maxTimeMS: 20, ...facts }));
    batch = cursor.nextBatch;
  }
  client.close();
  return seen;
}

async function streamOf(store: Store, told: Told, items: Map<number, Item>): Promise<string[]> {
  const last = told.seen.at(-1)?.token;
  if (last === undefined) return ['the watcher saw nothing'];
  const all = [...told.seen, ...(await resumed(store, last))];
  const inserted = new Set(all.filter(({ operation }) => operation === 'insert').map(({ id }) => id));
  const deleted = new Set(all.filter(({ operation }) => operation === 'delete').map(({ id }) => id));
  const disordered = all.filter(({ token }, at) => at > 0 && token <= (all[at - 1]?.token ?? ''));
  return [
    ...disordered.map(({ token }) => `${token} is not after the one before it`),
    ...[...told.inserts].filter((id) => !inserted.has(id)).map((id) => `insert ${id} was not told`),
    ...[...told.deletes].filter((id) => !deleted.has(id)).map((id) => `delete ${id} was not told`),
    ...[...inserted].filter((id) => !items.has(id) && !deleted.has(id)).map((id) => `insert ${id} told, not there`),
    ...[...deleted].filter((id) => items.has(id)).map((id) => `delete ${id} told, still there`),
  ];
}

/** Sends the last write of each session again, as a driver does that got no answer. */
async function retriesOf(store: Store, dataDir: string, told: Told): Promise<string[]> {
  const client = await dial(socketOf(dataDir));
  const wrong: string[] = [];
  for (const [session, number] of told.asked) {
    const answer = await client.command(toRetried(UUID.createFromHexString(session), number));
    const [row] = await store.connection.collection<Counter>('retried').find({ _id: session }).toArray();
    if (answer['n'] !== 1 || row?.n !== number) wrong.push(`${session}: ${number} writes, ${row?.n} done`);
  }
  client.close();
  return wrong;
}

async function uniqueOf(store: Store, items: Map<number, Item>): Promise<string[]> {
  const keys = new Set([...items.values()].map(({ key }) => key));
  const [some] = items.values();
  if (keys.size < items.size) return ['two items have one key'];
  if (!some) return [];
  const twin = { _id: -1, key: some.key };
  return store.connection
    .collection<{ _id: number; key: string }>('items')
    .insertOne(twin)
    .then(
      () => [`the key ${some.key} could be taken twice`],
      (error) => (error.code === 11_000 ? [] : [String(error)]),
    );
}

/** Opens the data folder after a crash, compares it with what was told, then looks at every index entry there is. */
export async function inspect(dataDir: string, told: Told): Promise<Aftermath> {
  const store = Object.assign(await openStore({ dataDir }), { dataDir });
  const items = await allOf<Item>(store, 'items');
  const found = {
    lost: await lostOf(store, told, items),
    halfTransactions: await halvesOf(store),
    stream: await streamOf(store, told, items),
    retries: await retriesOf(store, dataDir, told),
    unique: await uniqueOf(store, items),
  };
  await store.close();
  return { ...found, disagreements: await verifyStore(`${dataDir}/store/data.mdb`) };
}

/** An aftermath in which nothing is wrong. */
export const UNHARMED: Aftermath = {
  lost: [],
  halfTransactions: [],
  stream: [],
  retries: [],
  unique: [],
  disagreements: [],
};
