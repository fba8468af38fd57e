import { openStore } from '../../../store/connect.ts';

/**
 * A process to be killed: writes as fast as it can and says on standard output what was acknowledged.
 * `t N`: transaction N (two documents and a counter); `i N`: insert N; `w N`: a watcher saw transaction N.
 */
const [dataDir = '', first = '0'] = process.argv.slice(2);
const WRITERS = 12;
const store = await openStore({ dataDir });
const { connection } = store;
const left = connection.collection<{ _id: number; at: Date }>('left');
const right = connection.collection<{ _id: number; twin: number }>('right');
const singles = connection.collection<{ _id: number; key: string }>('singles');
const counters = connection.collection<{ _id: string; n: number }>('counters');
await Promise.all([
  right.createIndex({ twin: 1 }, { unique: true }),
  singles.createIndex({ key: 1 }, { unique: true }),
]);

const say = (line: string) => process.stdout.write(`${line}\n`);
let next = Number(first);

left.watch().on('change', (event) => {
  if (event.operationType === 'insert') say(`w ${event.documentKey._id}`);
});

async function transact(): Promise<void> {
  const n = next++;
  await store.transaction(async (session) => {
    await left.insertOne({ _id: n, at: new Date() }, { session });
    await right.insertOne({ _id: n, twin: n }, { session });
    await counters.updateOne({ _id: `c${n % 4}` }, { $inc: { n: 1 } }, { session, upsert: true });
  });
  say(`t ${n}`);
}

async function insert(): Promise<void> {
  const n = next++;
  await singles.insertOne({ _id: n, key: `k${n}` });
  say(`i ${n}`);
}

say('ready');
await Promise.all(
  Array.from({ length: WRITERS }, async (_, writer) => {
    for (;;) await (writer % 2 === 0 ? transact() : insert());
  }),
);
