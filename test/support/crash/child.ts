import { UUID } from 'bson';
import { openStore } from '../../../store/connect.ts';
import { dial } from '../raw-wire.ts';
import {
  ACCOUNTS,
  type Account,
  type Counter,
  type Item,
  START_BALANCE,
  socketOf,
  type Transfer,
  toRetried,
} from './model.ts';

/**
 * A process to be killed: mixed work as fast as it can, each acknowledgement told on standard output at once.
 * The letters are those of `Told`.
 */
const [dataDir = '', firstNumber = '0'] = process.argv.slice(2);
const store = await openStore({ dataDir });
const { connection } = store;
const accounts = connection.collection<Account>('accounts');
const transfers = connection.collection<Transfer>('transfers');
const items = connection.collection<Item>('items');
const counters = connection.collection<Counter>('counters');

const say = (...words: (string | number)[]) => process.stdout.write(`${words.join(' ')}\n`);
const random = (below: number) => Math.floor(Math.random() * below);
let next = Number(firstNumber);

await items.createIndex({ key: 1 }, { unique: true });
await items.createIndex({ tags: 1, n: -1 });
await transfers.createIndex({ from: 1, to: 1 });
for (let _id = 0; _id < ACCOUNTS; _id += 1)
  await accounts.updateOne({ _id }, { $setOnInsert: { balance: START_BALANCE } }, { upsert: true });

const stream = items.watch([{ $match: { operationType: { $in: ['insert', 'delete'] } } }]);
const watching = new Promise<void>((resolve) => {
  stream.on('resumeTokenChanged', () => resolve());
});
stream.on('change', (event) => {
  if ('documentKey' in event)
    say('w', (event._id as { _data: string })._data, event.operationType, event.documentKey._id);
});
await watching;

async function transfer(): Promise<void> {
  const _id = next++;
  const [from, to] = [random(ACCOUNTS), random(ACCOUNTS - 1)];
  const other = to >= from ? to + 1 : to;
  const amount = 1 + random(5);
  await store.transaction(async (session) => {
    await accounts.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
    await accounts.updateOne({ _id: other }, { $inc: { balance: amount } }, { session });
    await transfers.insertOne({ _id, from, to: other, amount }, { session });
  });
  say('t', _id);
}

const toItem = (_id: number): Item => ({
  _id,
  key: `k${_id}`,
  n: random(50),
  tags: [random(9), `t${random(9)}`],
  v: 0,
});

/** An item's life: put in, changed a few times, taken out or left. */
async function live(): Promise<void> {
  const _id = next++;
  await items.insertOne(toItem(_id));
  say('i', _id);
  for (let v = 1; v <= 3; v += 1) {
    await items.updateOne({ _id }, { $set: { v, tags: [random(9), v] }, $inc: { n: 1 } });
    say('u', _id, v);
  }
  if (random(3) > 0) return;
  await items.deleteOne({ _id });
  say('d', _id);
}

async function load(): Promise<void> {
  const ids = Array.from({ length: 20 }, () => next++);
  await items.insertMany(ids.map(toItem));
  for (const id of ids) say('i', id);
}

async function count(): Promise<void> {
  const _id = `c${random(4)}`;
  const after = await counters.findOneAndUpdate({ _id }, { $inc: { n: 1 } }, { upsert: true, returnDocument: 'after' });
  say('f', _id, after?.n ?? 0);
}

async function reindex(): Promise<void> {
  await items.createIndex({ n: 1, v: -1 }, { name: 'passing', partialFilterExpression: { v: 3 } });
  say('x', 'built');
  await items.dropIndex('passing');
}

/** Writes under numbers of its own making, told before and after: the last of them is sent again after the kill. */
async function retry(): Promise<never> {
  const client = await dial(socketOf(dataDir));
  const session = new UUID();
  for (let number = 1; ; number += 1) {
    say('q', session.toHexString(), number);
    const answer = await client.command(toRetried(session, number));
    if (answer['n'] !== 1) throw new Error(`refused: ${JSON.stringify(answer)}`);
    say('r', session.toHexString(), number);
  }
}

const forever = async (work: () => Promise<void>): Promise<never> => {
  for (;;) await work();
};
say('ready');
await Promise.all([
  ...Array.from({ length: 5 }, () => forever(transfer)),
  ...Array.from({ length: 4 }, () => forever(live)),
  forever(load),
  forever(count),
  forever(count),
  forever(reindex),
  retry(),
  retry(),
]);
