import type mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../../store/store.ts';
import { openTestStore } from '../../../support/test-store.ts';

let store: Store;
const command = (document: object) => (store.connection.db as unknown as mongoose.mongo.Db).command(document);

beforeAll(async () => {
  store = await openTestStore();
  await store.connection.collection('rows').insertMany([{ s: 'b' }, { s: 'a' }] as never[]);
});
afterAll(() => store.close());

const COMMANDS: object[] = [
  { find: 'rows' },
  { aggregate: 'rows', pipeline: [], cursor: {} },
  { count: 'rows' },
  { distinct: 'rows', key: 's' },
  { insert: 'rows', documents: [{ s: 'c' }] },
  { update: 'rows', updates: [{ q: {}, u: { $set: { x: 1 } } }] },
  { delete: 'rows', deletes: [{ q: { s: 'zz' }, limit: 1 }] },
  { findAndModify: 'rows', query: { s: 'zz' }, remove: true },
  { create: 'made' },
  { createIndexes: 'rows', indexes: [{ key: { s: 1 }, name: 's' }] },
  { listCollections: 1 },
  { listIndexes: 'rows' },
  { dropIndexes: 'rows', index: 's' },
  { drop: 'made' },
];

describe('a command', () => {
  it.each(COMMANDS)('%j refuses a field nobody knows with 40415', async (document) => {
    await expect(command({ ...document, frob: 1 })).rejects.toMatchObject({ code: 40415 });
  });

  it.each(COMMANDS)('%j takes the fields every command may have', async (document) => {
    expect(await command({ ...document, comment: 'why', maxTimeMS: 60_000 })).toMatchObject({ ok: 1 });
  });

  it.each<[object, number]>([
    [{ find: 'rows', tailable: true }, 115],
    [{ find: 'rows', min: { s: 1 } }, 115],
    [{ find: 'rows', noCursorTimeout: true }, 115],
    [{ find: 'rows', tailable: false }, 0],
    [{ aggregate: 'rows', pipeline: [], explain: true }, 115],
    [{ create: 'c', capped: true, size: 1000 }, 115],
    [{ create: 'c', viewOn: 'rows', pipeline: [] }, 115],
    [{ create: 'c', validator: { s: 1 } }, 115],
    [{ create: 'c', timeseries: { timeField: 't' } }, 115],
    [{ update: 'rows', updates: [{ q: {}, u: {}, sort: { s: 1 } }] }, 40415],
    [{ delete: 'rows', deletes: [{ q: {}, limit: 2 }] }, 9],
    [{ delete: 'rows', deletes: [{ limit: 1 }] }, 40414],
    [{ distinct: 'rows' }, 40414],
    [{ count: 'rows', skip: -1 }, 51024],
    [{ count: 'rows', limit: 'many' }, 14],
    [{ find: 'rows', collation: { locale: 'xx-nonsense' } }, 2],
    [{ find: 'rows', collation: { locale: 'en', strength: 4 } }, 115],
    [{ frob: 1 }, 59],
  ])('%j answers %i', async (document, code) => {
    const answer = await command(document).catch((error) => error);
    expect(answer.writeErrors?.[0]?.code ?? answer.code ?? 0).toBe(code);
  });
});

describe('maxTimeMS', () => {
  it('ends what takes longer, with code 50', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => ({ n, text: 'x'.repeat(100) }));
    await store.connection.collection('many').insertMany(many);
    const filter = { text: { $regex: '^(x+x+)+$' }, n: -1 };
    await expect(command({ find: 'many', filter, maxTimeMS: 1 })).rejects.toMatchObject({ code: 50 });
    await expect(command({ count: 'many', query: filter, maxTimeMS: 1 })).rejects.toMatchObject({ code: 50 });
  });
});
