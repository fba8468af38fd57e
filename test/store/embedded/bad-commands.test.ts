import { type Document, Long, serialize, UUID } from 'bson';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../../support/bare-server.ts';
import { bodySection, type RawClient, rawOpMsg, sequenceSection } from '../../support/raw-wire.ts';

let server: BareServer;
let client: RawClient;
const $db = 'test';
const run = (command: Document) => client.command('$db' in command ? command : { ...command, $db });
beforeAll(async () => {
  server = await startBareServer();
  const first = await server.dial();
  await first.command({ insert: 'there', documents: [{ a: 'text' }], $db });
  first.close();
});
beforeEach(async () => {
  client = await server.dial();
});
afterEach(async () => {
  expect(await run({ ping: 1 })).toMatchObject({ ok: 1 });
  client.close();
  expect(server.failures.splice(0)).toEqual([]);
});
afterAll(() => server.close());

const nested = (levels: number): Document => (levels === 0 ? { a: 1 } : { a: nested(levels - 1) });
const path = (parts: number) => Array.from({ length: parts }, () => 'a').join('.');

it.each<[string, Document, number]>([
  ['a stage nobody knows', { aggregate: 'x', pipeline: [{ $frobnicate: {} }], cursor: {} }, 40_324],
  ['a stage that is not offered', { aggregate: 'x', pipeline: [{ $geoNear: {} }], cursor: {} }, 115],
  ['a negative limit', { find: 'x', limit: -1 }, 51_024],
  ['a negative skip', { find: 'x', skip: -1 }, 51_024],
  ['a negative batch size', { find: 'x', batchSize: -1 }, 51_024],
  ['a filter that is no document', { find: 'x', filter: 5 }, 14],
  ['a cursor that is not there', { getMore: Long.fromNumber(5), collection: 'x' }, 43],
  ['a database with a dot', { find: 'x', $db: 'a.b' }, 73],
  ['a database with a NUL', { find: 'x', $db: 'a\0b' }, 73],
  ['a collection of 10,000 letters', { insert: 'c'.repeat(10_000), documents: [{}] }, 73],
  ['a collection with a NUL', { insert: 'a\0b', documents: [{}] }, 73],
  ['an operator nobody knows', { find: 'there', filter: { a: { $frobnicate: 1 } } }, 2],
  ['a pattern that is none', { find: 'there', filter: { a: { $regex: '(' } } }, 2],
])('answers a code to %s', async (_what, command, code) => {
  const answer = await run(command);
  expect(answer).toMatchObject({ ok: 0, code });
});

it('answers a code to nesting that is too deep, sent and made', async () => {
  const insert = (levels: number) =>
    client.exchange(
      rawOpMsg([
        bodySection(serialize({ insert: 'deep', $db })),
        sequenceSection('documents', [serialize({ _id: levels, ...nested(levels) })]),
      ]),
    );
  expect(await insert(198)).toMatchObject({ ok: 1, n: 1 });
  expect(await insert(250)).toMatchObject({ ok: 0, code: 15 });
  const answer = await run({
    update: 'deep',
    updates: [{ q: { _id: 3 }, u: { $set: { [path(5_000)]: 1 } }, upsert: true }],
  });
  expect(answer).toMatchObject({ writeErrors: [{ code: 15 }] });
});

it('refuses a document over 16 MB, inserted or grown to it', async () => {
  const half = 'x'.repeat(9_000_000);
  expect(await run({ insert: 'big', documents: [{ _id: 1, half }] })).toMatchObject({ ok: 1, n: 1 });
  const grown = await run({ update: 'big', updates: [{ q: { _id: 1 }, u: { $set: { other: half } } }] });
  expect(grown).toMatchObject({ writeErrors: [{ code: 10_334 }] });
  const { cursor } = await run({ find: 'big', projection: { other: 1 } });
  expect(cursor.firstBatch).toEqual([{ _id: 1 }]);
});

it('keeps field names that every object knows, that begin with a dollar, hold a dot, or are empty', async () => {
  const odd = JSON.parse(
    '{"_id":1,"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3,"":4,"a.b":5,"c":{"$d":6,"__proto__":7}}',
  );
  expect(await run({ insert: 'odd', documents: [odd] })).toMatchObject({ n: 1 });
  await run({ update: 'odd', updates: [{ q: { _id: 1 }, u: { $set: { z: 1 } } }] });
  const { cursor } = await run({ find: 'odd', filter: { constructor: 2 } });
  expect(JSON.stringify(cursor.firstBatch[0])).toBe(
    JSON.stringify({ ...odd, z: 1 })
      .replace('{"_id":1,', '{"_id":1,"__proto__":{"x":1},')
      .replace('"__proto__":{"x":1},"__proto__":{"x":1},', '"__proto__":{"x":1},'),
  );
  for (const name of ['toString', 'valueOf', 'constructor.name'])
    expect((await run({ find: 'odd', filter: { [name]: { $exists: true } } }))['cursor'].firstBatch).toEqual([]);
  await run({ createIndexes: 'odd', indexes: [{ key: { constructor: 1 }, name: 'c' }] });
  expect((await run({ find: 'odd', filter: { constructor: { $gte: 2 } } }))['cursor'].firstBatch).toHaveLength(1);
});

it('takes long keys, ids of 100 kB, arrays of 10,000 elements and lists of 50,000', async () => {
  await run({
    createIndexes: 'long',
    indexes: [
      { key: { k: 1 }, name: 'k', unique: true },
      { key: { tags: 1 }, name: 't' },
    ],
  });
  const [a, b] = [`${'k'.repeat(1978)}a`, `${'k'.repeat(1978)}b`];
  const id = 'i'.repeat(100_000);
  const documents = [
    { _id: id, k: a },
    { _id: `${id}2`, k: b },
    { _id: 1, tags: Array.from({ length: 10_000 }, (_, at) => at) },
  ];
  expect(await run({ insert: 'long', documents })).toMatchObject({ n: 3 });
  expect(await run({ insert: 'long', documents: [{ _id: id }] })).toMatchObject({ writeErrors: [{ code: 11_000 }] });
  expect(await run({ insert: 'long', documents: [{ _id: 2, k: a }] })).toMatchObject({
    writeErrors: [{ code: 11_000 }],
  });
  expect(await run({ count: 'long', query: { k: b } })).toMatchObject({ n: 1 });
  expect(await run({ count: 'long', query: { tags: 9_999 } })).toMatchObject({ n: 1 });
  const list = Array.from({ length: 50_000 }, (_, at) => at + 9_000);
  expect(await run({ count: 'long', query: { tags: { $in: list } } })).toMatchObject({ n: 1 });
});

it.each(['^(a+)+$', '^(a|aa)+$', '^(?=a)(a+)+$', '(a+)+\\1$', '(a{1,30}){1,30}$'])(
  'is not held up by the pattern %s',
  async ($regex) => {
    await run({ insert: 'texts', documents: [{ s: `${'a'.repeat(40)}!` }] });
    const start = performance.now();
    for (const $options of ['', 'i']) await run({ find: 'texts', filter: { s: { $regex, $options } } });
    expect(performance.now() - start).toBeLessThan(3_000);
  },
);

it('lets nobody read the cursor of a transaction, nor one that was closed', async () => {
  await run({ insert: 'many', documents: Array.from({ length: 10 }, (_, _id) => ({ _id })) });
  const facts = { lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false };
  const opened = await run({ find: 'many', batchSize: 2, ...facts, startTransaction: true });
  const { id } = opened['cursor'];
  expect(await run({ getMore: id, collection: 'many' })).toMatchObject({ ok: 0 });
  const own = await run({ find: 'many', batchSize: 2 });
  await run({ killCursors: 'many', cursors: [own['cursor'].id] });
  expect(await run({ getMore: own['cursor'].id, collection: 'many' })).toMatchObject({ ok: 0, code: 43 });
});

const VALID: readonly Document[] = [
  {
    find: 'fuzz',
    filter: { a: 1 },
    sort: { a: 1 },
    skip: 0,
    limit: 5,
    projection: { a: 1 },
    batchSize: 2,
    hint: { _id: 1 },
    let: {},
  },
  { insert: 'fuzz', documents: [{ a: 1 }], ordered: true },
  {
    update: 'fuzz',
    updates: [{ q: { a: 1 }, u: { $set: { b: 1 } }, multi: true, upsert: false, arrayFilters: [{ 'x.a': 1 }] }],
  },
  {
    update: 'fuzz',
    updates: [{ q: { a: 1 }, u: { $push: { t: { $each: [1], $slice: 1, $sort: 1, $position: 0 } } } }],
  },
  { delete: 'fuzz', deletes: [{ q: { a: 1 }, limit: 1 }] },
  {
    findAndModify: 'fuzz',
    query: { a: 1 },
    sort: { a: 1 },
    update: { $inc: { n: 1 } },
    fields: { a: 1 },
    upsert: true,
    new: true,
  },
  { count: 'fuzz', query: { a: 1 }, skip: 0, limit: 0, hint: '_id_' },
  { distinct: 'fuzz', key: 'a', query: { a: 1 } },
  {
    aggregate: 'fuzz',
    pipeline: [{ $match: { a: 1 } }, { $group: { _id: '$a', n: { $sum: 1 } } }],
    cursor: { batchSize: 2 },
  },
  {
    aggregate: 'fuzz',
    pipeline: [{ $lookup: { from: 'x', localField: 'a', foreignField: 'a', as: 'b' } }, { $unwind: '$b' }],
    cursor: {},
  },
  {
    createIndexes: 'fuzz',
    indexes: [{ key: { q: 1 }, name: 'q', unique: false, sparse: true, partialFilterExpression: { a: 1 } }],
  },
  { dropIndexes: 'fuzz', index: 'nothing' },
  { create: 'fuzz2', capped: false },
  { drop: 'fuzz3' },
  { listCollections: 1, filter: { name: 'x' }, nameOnly: true, cursor: {} },
  { listIndexes: 'fuzz', cursor: {} },
  { getMore: Long.ONE, collection: 'fuzz', batchSize: 5, maxTimeMS: 5 },
  { killCursors: 'fuzz', cursors: [Long.ONE] },
  { explain: { find: 'fuzz', filter: { a: 1 } }, verbosity: 'queryPlanner' },
  { endSessions: [{ id: new UUID() }] },
  { commitTransaction: 1, lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false },
  { find: 'fuzz', lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false, startTransaction: true },
];
const JUNK: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  Number.NaN,
  2 ** 40,
  '',
  'text',
  '$a',
  '\0',
  [],
  [1],
  [[]],
  [{}],
  {},
  { $a: 1 },
  { a: { $b: 1 } },
  new Date(0),
  /x/,
  Long.MIN_VALUE,
  new UUID(),
  { $regex: 5 },
  { $in: 5 },
  nested(20),
];

/** Every place in a command, as keys from the outside in. */
function places(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || (value as Document)['_bsontype']) return at.length > 0 ? [at] : [];
  return [
    ...(at.length > 0 ? [at] : []),
    ...Object.keys(value).flatMap((key) => places((value as Document)[key], [...at, key])),
  ];
}
function put(value: unknown, [key = '', ...rest]: string[], junk: unknown): unknown {
  const changed = Array.isArray(value) ? [...value] : { ...(value as Document) };
  (changed as Document)[key] = rest.length === 0 ? junk : put((value as Document)[key], rest, junk);
  return changed;
}

it('blames itself for no command in which one value is junk', async () => {
  const blamed: string[] = [];
  for (const command of VALID)
    for (const place of places(command))
      for (const junk of JUNK) {
        const asked = put(command, place, junk) as Document;
        const answer = await Promise.race([
          run(asked),
          new Promise<Document>((resolve) => setTimeout(() => resolve({ code: 'SILENT' }), 5_000).unref()),
        ]);
        if (answer['code'] === 1 || answer['code'] === 'SILENT')
          blamed.push(
            `${Object.keys(command)[0]} ${place.join('.')} = ${JSON.stringify(junk)?.slice(0, 40)}: ${answer['errmsg']}`,
          );
      }
  server.failures.length = 0;
  expect(blamed).toEqual([]);
}, 120_000);
