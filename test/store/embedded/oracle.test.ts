import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

/** A brute-force database of ints, texts, null, missing and arrays of ints, written without a look at the store. */
type Value = number | string | null | number[];
type Row = { _id: number; [field: string]: Value };
type Condition =
  | { $eq: Value }
  | { $in: Value[] }
  | { $gt?: Value; $gte?: Value; $lt?: Value; $lte?: Value }
  | { $ne: Value };
type Filter = Record<string, Condition>;
type Update = { $set: Record<string, Value> } | { $inc: Record<string, number> } | { $unset: Record<string, ''> };
type Sort = [string, 1 | -1][];
type Command =
  | { do: 'insert'; row: Row }
  | { do: 'update'; filter: Filter; update: Update; many: boolean }
  | { do: 'delete'; filter: Filter; many: boolean }
  | { do: 'find'; filter: Filter; sort: Sort; limit: number };

const rank = (value: Value | undefined) =>
  value === null || value === undefined ? 0 : typeof value === 'number' ? 1 : 2;
function order(left: Value | undefined, right: Value | undefined): number {
  const byKind = rank(left) - rank(right);
  if (byKind !== 0 || rank(left) === 0) return byKind;
  return (left as number) < (right as number) ? -1 : (left as number) > (right as number) ? 1 : 0;
}
const candidates = (row: Row, field: string): (Value | undefined)[] => {
  const value = row[field];
  return Array.isArray(value) ? value : [value];
};
const meets = (test: (value: Value | undefined) => boolean) => (row: Row, field: string) =>
  candidates(row, field).some(test);
const same = (left: Value | undefined, right: Value) => order(left, right) === 0;
const COMPARE: Record<string, (by: number) => boolean> = {
  $gt: (by) => by > 0,
  $gte: (by) => by >= 0,
  $lt: (by) => by < 0,
  $lte: (by) => by <= 0,
};

function holds(row: Row, field: string, condition: Condition): boolean {
  return Object.entries(condition).every(([operator, operand]) => {
    if (operator === '$eq') return meets((value) => same(value, operand))(row, field);
    if (operator === '$ne') return !meets((value) => same(value, operand))(row, field);
    if (operator === '$in') return meets((value) => (operand as Value[]).some((it) => same(value, it)))(row, field);
    return meets((value) => rank(value) === rank(operand) && (COMPARE[operator]?.(order(value, operand)) ?? false))(
      row,
      field,
    );
  });
}
const matches = (row: Row, filter: Filter) =>
  Object.entries(filter).every(([field, condition]) => holds(row, field, condition));

function sortValue(row: Row, field: string, direction: 1 | -1): Value | undefined {
  const values = [...candidates(row, field)].sort(order);
  return direction === 1 ? values[0] : values.at(-1);
}

function changed(row: Row, update: Update): Row {
  const next = { ...row };
  if ('$set' in update) return { ...next, ...update.$set };
  if ('$inc' in update)
    for (const [field, by] of Object.entries(update.$inc)) next[field] = ((next[field] as number) ?? 0) + by;
  if ('$unset' in update) for (const field of Object.keys(update.$unset)) delete next[field];
  return next;
}

class Oracle {
  rows = new Map<number, Row>();

  matching(filter: Filter): Row[] {
    return [...this.rows.values()].filter((row) => matches(row, filter));
  }

  find({ filter, sort, limit }: Extract<Command, { do: 'find' }>): Row[] {
    const found = this.matching(filter).sort((left, right) => {
      for (const [field, direction] of sort) {
        const by = order(sortValue(left, field, direction), sortValue(right, field, direction)) * direction;
        if (by !== 0) return by;
      }
      return 0;
    });
    return limit > 0 ? found.slice(0, limit) : found;
  }
}

const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 6 }) },
  fc.constantFrom<Value>('a', 'b', 'ab', '', null),
);
const field = fc.constantFrom('a', 'b');
const tags = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 });
const row = fc.record(
  { _id: fc.integer({ min: 0, max: 40 }), a: scalar, b: scalar, tags },
  { requiredKeys: ['_id'], noNullPrototype: true },
) as fc.Arbitrary<Row>;
const condition: fc.Arbitrary<Condition> = fc.oneof(
  scalar.map(($eq) => ({ $eq })),
  scalar.map(($ne) => ({ $ne })),
  fc.array(scalar, { maxLength: 3 }).map(($in) => ({ $in })),
  fc
    .tuple(fc.constantFrom('$gt', '$gte'), fc.integer({ min: -3, max: 6 }))
    .map(([operator, value]) => ({ [operator]: value })),
  fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 5 })).map(([$gte, $lt]) => ({ $gte, $lt })),
  fc.constantFrom<Value>('a', 'ab').map(($lte) => ({ $lte })),
);
/** Both sides of a range on an array: one element may meet the one, another the other. */
const spread = fc
  .tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }))
  .map(([$gte, $lt]) => ({ tags: { $gte, $lt } }) as Filter);
const filter: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 1, arbitrary: spread },
  {
    weight: 4,
    arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'tags', '_id'), condition, {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  },
);
const update: fc.Arbitrary<Update> = fc.oneof(
  fc.tuple(field, scalar).map(([name, value]) => ({ $set: { [name]: value } })),
  tags.map((value) => ({ $set: { tags: value } })),
  fc.integer({ min: -2, max: 2 }).map((by) => ({ $inc: { n: by } })),
  fc.constantFrom('a', 'b', 'tags').map((name) => ({ $unset: { [name]: '' as const } })),
);
const direction = fc.constantFrom<1 | -1>(1, -1);
const sort = fc
  .tuple(fc.subarray(['a', 'b', 'tags']), direction, direction, direction)
  .map(
    ([fields, ...ways]): Sort => [
      ...fields.map((name, at): [string, 1 | -1] => [name, ways[at] as 1 | -1]),
      ['_id', ways[2] as 1 | -1],
    ],
  );
const find = fc.record({ do: fc.constant('find' as const), filter, sort, limit: fc.constantFrom(0, 1, 5) });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: row.map((it) => ({ do: 'insert' as const, row: it })) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), filter, update, many: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), filter, many: fc.boolean() }) },
  { weight: 4, arbitrary: find },
);
const INDEXES = [
  { a: 1 as const },
  { b: -1 as const },
  { a: 1 as const, b: -1 as const },
  { a: -1 as const, _id: -1 as const },
  { tags: 1 as const },
  { b: 1 as const, tags: -1 as const },
];

let store: Store;
let made = 0;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

type Rows = ReturnType<typeof collection>;
function collection() {
  made += 1;
  return store.connection.collection<Row>(`oracle${made}`);
}

const read = (rows: Rows, it: Extract<Command, { do: 'find' }>) =>
  rows
    .find(it.filter as object)
    .sort(it.sort)
    .limit(it.limit)
    .toArray();

async function insert(rows: Rows, oracle: Oracle, fresh: Row): Promise<void> {
  const isNew = !oracle.rows.has(fresh._id);
  const code = await rows.insertOne({ ...fresh }).then(
    () => 0,
    (error) => error.code,
  );
  expect(code).toBe(isNew ? 0 : 11000);
  if (isNew) oracle.rows.set(fresh._id, fresh);
}

async function write(rows: Rows, oracle: Oracle, it: Extract<Command, { do: 'update' | 'delete' }>): Promise<void> {
  // Which of several a single write takes is not promised, so it is told by _id.
  const matching = oracle.matching(it.filter);
  const first = matching[0]?._id ?? -1;
  const hits = it.many ? matching : matching.slice(0, 1);
  const where = (it.many ? it.filter : { $and: [it.filter, { _id: first }] }) as object;
  if (it.do === 'delete') {
    const { deletedCount } = it.many ? await rows.deleteMany(where) : await rows.deleteOne(where);
    expect(deletedCount).toBe(hits.length);
    for (const { _id } of hits) oracle.rows.delete(_id);
    return;
  }
  const change = it.update as object;
  const { matchedCount } = it.many ? await rows.updateMany(where, change) : await rows.updateOne(where, change);
  expect(matchedCount).toBe(hits.length);
  for (const hit of hits) oracle.rows.set(hit._id, changed(hit, it.update));
}

/** Runs a command on a collection and on the oracle, and compares. */
async function run(rows: Rows, oracle: Oracle, it: Command): Promise<void> {
  if (it.do === 'find') expect(await read(rows, it)).toEqual(oracle.find(it));
  else if (it.do === 'insert') await insert(rows, oracle, it.row);
  else await write(rows, oracle, it);
}

it('does to random commands what a brute-force database does, with indexes and without', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 10, maxLength: 30 }),
      fc.subarray(INDEXES),
      async (commands, indexes) => {
        for (const wanted of [indexes, []]) {
          const rows = collection();
          const oracle = new Oracle();
          for (const index of wanted) await rows.createIndex(index);
          for (const it of commands) await run(rows, oracle, it);
          const all: Extract<Command, { do: 'find' }> = { do: 'find', filter: {}, sort: [['_id', 1]], limit: 0 };
          expect(await read(rows, all)).toEqual(oracle.find(all));
        }
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

it('finds the same by every index as without one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(row, { selector: ({ _id }) => _id, minLength: 5, maxLength: 40 }),
      fc.array(find, { minLength: 5, maxLength: 10 }),
      async (documents, queries) => {
        const [plain, indexed] = [collection(), collection()];
        for (const index of INDEXES) await indexed.createIndex(index);
        for (const rows of [plain, indexed]) await rows.insertMany(documents.map((it) => ({ ...it })));
        for (const query of queries)
          for (const index of INDEXES) {
            const hinted = indexed
              .find(query.filter as object)
              .hint(index)
              .sort(query.sort)
              .limit(query.limit);
            expect(await hinted.toArray()).toEqual(await read(plain, query));
          }
      },
    ),
    { numRuns: 10 },
  );
}, 60_000);
