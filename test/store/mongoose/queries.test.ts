import { Schema } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';
import { type Library, openLibrary } from './library.ts';

let store: Store;
let library: Library;
beforeAll(async () => {
  store = await openTestStore();
  library = await openLibrary(store.connection);
});
afterAll(() => store.close());

describe('populate', () => {
  it('follows a reference, and a reference of that', async () => {
    const { Book } = library;
    const book = await Book.findById(13).populate({ path: 'author', populate: { path: 'mentor', populate: 'mentor' } });
    expect(book?.toObject()).toMatchObject({
      author: { name: 'Cleo', mentor: { name: 'Bob', mentor: { name: 'Ada' } } },
    });
  });

  it('turns a virtual into what refers to it', async () => {
    const { Author } = library;
    const author = await Author.findById(2).populate({
      path: 'books',
      select: 'title',
      options: { sort: { year: -1 } },
    });
    expect(author?.books?.map(({ title }) => title)).toEqual(['Third', 'Second']);
  });

  it('finds the model by a path of the document', async () => {
    const { Book } = library;
    const books = await Book.find({ about: { $exists: true } })
      .sort('_id')
      .populate('about');
    expect(books.map(({ about }) => about?.name ?? about?.title)).toEqual(['Bob', 'First']);
  });

  it('answers null for what is not there or does not match', async () => {
    const { Book } = library;
    const [first, last] = await Book.find({ _id: { $in: [10, 14] } })
      .sort('_id')
      .populate({ path: 'author', match: { name: 'Nobody' } });
    expect([first?.author, last?.author]).toEqual([null, undefined]);
  });
});

describe('a query', () => {
  it.each<[string, object, number[]]>([
    ['regular expression', { title: /^F.*th$/i }, [13, 14]],
    ['$in and $nin', { author: { $in: [2, 3] }, year: { $nin: [2005] } }, [12, 13]],
    ['null means absent too', { author: null }, [14]],
    ['$or, $and, $nor', { $or: [{ year: 2001 }, { $nor: [{ author: { $gte: 0 } }] }] }, [10, 14]],
    ['array element', { tags: 'x' }, [10, 13]],
    ['$all and $size', { tags: { $all: ['x', 'y'], $size: 2 } }, [10]],
    ['$elemMatch', { tags: { $elemMatch: { $gt: 'y', $lt: 'zz' } } }, [13]],
    ['$expr', { $expr: { $gt: ['$year', { $add: [2000, '$_id'] }] } }, [14]],
    ['$not', { year: { $not: { $gte: 2005 } } }, [10]],
    ['$mod', { year: { $mod: [10, 0] } }, [12, 13, 14]],
    ['$type', { author: { $type: 'number' } }, [10, 11, 12, 13]],
    ['$exists', { about: { $exists: false } }, [12, 13, 14]],
  ])('%s', async (_name, filter, ids) => {
    const { Book } = library;
    const found = await Book.find(filter).sort({ _id: 1 }).select('_id').lean();
    expect(found.map(({ _id }) => _id)).toEqual(ids);
    expect(await Book.countDocuments(filter)).toBe(ids.length);
  });

  it.each<[string, object | string, object]>([
    ['inclusion', 'title', { _id: 10, title: 'First' }],
    ['without _id', { title: 1, _id: 0 }, { title: 'First' }],
    ['$slice', { tags: { $slice: -1 }, title: 1 }, { _id: 10, title: 'First', tags: ['y'] }],
    ['computed', { shout: { $toUpper: '$title' } }, { _id: 10, shout: 'FIRST' }],
  ])('projects: %s', async (_name, projection, expected) => {
    expect(
      await library.Book.findById(10)
        .select(projection as never)
        .lean(),
    ).toEqual(expected);
  });

  it('distinct, exists, skip and limit', async () => {
    const { Book } = library;
    expect(await Book.distinct('tags')).toEqual(['x', 'y', 'z']);
    expect(await Book.distinct('year', { author: 2 })).toEqual([2005, 2010]);
    expect(await Book.exists({ title: 'First' })).toEqual({ _id: 10 });
    const page = await Book.find().sort({ year: -1, _id: 1 }).skip(1).limit(2).lean();
    expect(page.map(({ _id }) => _id)).toEqual([12, 13]);
  });

  it('pages by key to the end', async () => {
    const { Book } = library;
    const seen: number[] = [];
    for (let after: { year: number; _id: number } | null = null; ; ) {
      const rest: object = after
        ? { $or: [{ year: { $lt: after.year } }, { year: after.year, _id: { $gt: after._id } }] }
        : {};
      const page: { year: number; _id: number }[] = await Book.find(rest).sort({ year: -1, _id: 1 }).limit(2).lean();
      seen.push(...page.map(({ _id }) => _id));
      after = page.at(-1) ?? null;
      if (page.length < 2) break;
    }
    expect(seen).toEqual([14, 12, 13, 11, 10]);
  });

  it('is read by cursor, in small batches', async () => {
    const Row = store.connection.model('CursorRow', new Schema({ n: Number }));
    await Row.insertMany(Array.from({ length: 250 }, (_, n) => ({ n })));
    let sum = 0;
    for await (const row of Row.find().sort({ n: 1 }).lean().cursor({ batchSize: 40 })) sum += row.n ?? 0;
    expect(sum).toBe((249 * 250) / 2);
    const cursor = Row.find().cursor({ batchSize: 2 });
    expect((await cursor.next())?.n).toBe(0);
    await cursor.close();
    const each: number[] = [];
    await Row.find({ n: { $lt: 3 } })
      .cursor()
      .eachAsync((row) => {
        each.push(row.n ?? -1);
      });
    expect(each).toEqual([0, 1, 2]);
  });
});
