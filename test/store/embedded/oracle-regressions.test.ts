import { BSONRegExp, type Document, MinKey } from 'bson';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../../support/bare-server.ts';
import type { RawClient } from '../../support/raw-wire.ts';

let server: BareServer;
let client: RawClient;
let made = 0;
beforeAll(async () => {
  server = await startBareServer();
  client = await server.dial({ bsonRegExp: true });
});
afterAll(async () => {
  client.close();
  await server.close();
  expect(server.failures).toEqual([]);
});

interface Case {
  readonly documents: readonly Document[];
  readonly index?: Document;
  readonly find: Document;
  readonly ids: readonly number[];
}

/** What random commands found to be otherwise than in MongoDB, each in its least form. */
it.each<[string, Case]>([
  [
    'an array is sorted by its least element, not by the one asked for, whatever index without it is read',
    {
      documents: [
        { _id: 0, tags: [3] },
        { _id: 3, tags: [3, 0] },
      ],
      index: { a: 1 },
      find: { filter: { tags: { $all: [3] } }, sort: { tags: 1, _id: 1 }, hint: { a: 1 } },
      ids: [3, 0],
    },
  ],
  [
    'null is not found below an array that holds no documents',
    {
      documents: [{ _id: 1, a: [] }, { _id: 2, a: [1] }, { _id: 3 }, { _id: 4, a: [{}] }],
      find: { filter: { 'a.b': null } },
      ids: [3, 4],
    },
  ],
  [
    'each value of $all may be met by another element',
    { documents: [{ _id: 1, o: [{ x: 1 }, { x: 2 }] }], find: { filter: { 'o.x': { $all: [1, 2] } } }, ids: [1] },
  ],
  [
    'an array among the elements is not opened by $elemMatch',
    {
      documents: [
        { _id: 1, a: [[5]] },
        { _id: 2, a: [5] },
      ],
      find: { filter: { a: { $elemMatch: { $gt: 1 } } } },
      ids: [2],
    },
  ],
  [
    'a pattern is found by the same pattern',
    {
      documents: [
        { _id: 1, a: /x/i },
        { _id: 2, a: 'aXb' },
        { _id: 3, a: /x/ },
      ],
      find: { filter: { a: /x/i } },
      ids: [1, 2],
    },
  ],
  [
    'a document whose pattern JavaScript cannot read is kept and found',
    { documents: [{ _id: 1, a: new BSONRegExp('(?i)x') }], find: { filter: { _id: 1 } }, ids: [1] },
  ],
  [
    'all is above MinKey, by an index too',
    {
      documents: [{ _id: 1, a: 1 }, { _id: 2, a: 'x' }, { _id: 3 }],
      index: { a: 1 },
      find: { filter: { a: { $gt: new MinKey() } } },
      ids: [1, 2, 3],
    },
  ],
  [
    'names that every object knows are fields only where they are',
    {
      documents: [{ _id: 1 }, { _id: 2, constructor: 1 }],
      find: { filter: { constructor: { $exists: true } } },
      ids: [2],
    },
  ],
])('%s', async (_what, { documents, index, find, ids }) => {
  made += 1;
  const [name, $db] = [`r${made}`, 'test'];
  if (index) await client.command({ createIndexes: name, indexes: [{ key: index, name: 'i' }], $db });
  await client.command({ insert: name, documents: [...documents], $db });
  const { cursor } = await client.command({ find: name, ...find, $db });
  const found: number[] = cursor.firstBatch.map(({ _id }: Document) => _id);
  expect(find['sort'] ? found : found.toSorted((left, right) => left - right)).toEqual(ids);
});

it('adds fields in the order of their names, numbers by value', async () => {
  const update = { $set: { b: 1, 'z.10': 1, 'z.9': 1 }, $inc: { a: 1 } };
  await client.command({ update: 'order', updates: [{ q: { _id: 1 }, u: update, upsert: true }], $db: 'test' });
  const { cursor } = await client.command({ find: 'order', $db: 'test' });
  expect(JSON.stringify(cursor.firstBatch)).toBe('[{"_id":1,"a":1,"b":1,"z":{"9":1,"10":1}}]');
});
