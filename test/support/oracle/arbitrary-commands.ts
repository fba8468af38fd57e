import { BSONRegExp, type Document, Int32 } from 'bson';
import fc from 'fast-check';
import { body, document, id, int, list, operandOf, scalar, small } from './arbitrary-values.ts';
import type { Command } from './commands.ts';
import type { Sort } from './keys.ts';
import type { OracleIndex } from './replay.ts';
import { isPlain, tagOf, type Value } from './values.ts';

const PATHS = ['_id', 'a', 'b', 'g', 'n', 'u', 's', 'tags', 'd.e', 'd.f', 'o.x', 'o.y'] as const;
const path = fc.constantFrom(...PATHS);

/** A field held equal to a pattern asks for texts that match it. */
const pattern = fc.constantFrom('a', '^a', '^ab', 'b$', '').map((it) => new BSONRegExp(it, ''));
/** A pattern that JavaScript cannot read: it may be kept, but not asked for. */
const isForeign = (value: Value) => tagOf(value) === 'BSONRegExp' && (value as BSONRegExp).pattern.startsWith('(?i)');
/** A document whose first field begins with `$` would be read as operators. */
const plainValue = (field: string) => operandOf(field).filter((value) => tagOf(value) !== 'BSONRegExp');

function conditionOn(field: string): fc.Arbitrary<Value> {
  const value = operandOf(field).filter((it) => !isForeign(it));
  const equal = plainValue(field);
  const one = <Operator extends string>(...operators: Operator[]) =>
    fc.tuple(fc.constantFrom(...operators), equal).map(([operator, operand]) => ({ [operator]: operand }));
  const simple = fc.oneof(
    { weight: 4, arbitrary: equal },
    { weight: 4, arbitrary: one('$gt', '$gte', '$lt', '$lte') },
    { weight: 2, arbitrary: fc.tuple(equal, equal).map(([$gte, $lt]) => ({ $gte, $lt })) },
    { weight: 2, arbitrary: one('$eq', '$ne') },
    { weight: 3, arbitrary: fc.array(value, { maxLength: 3 }).map(($in) => ({ $in })) },
    { weight: 1, arbitrary: fc.array(equal, { maxLength: 3 }).map(($nin) => ({ $nin })) },
    { weight: 1, arbitrary: fc.boolean().map(($exists) => ({ $exists })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('string', 'number', 'object', 'array', 'null', 'bool', 'date', 'decimal')
        .map(($type) => ({ $type })),
    },
    { weight: 1, arbitrary: pattern },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }).map((n) => ({ $size: new Int32(n) })) },
    { weight: 1, arbitrary: fc.array(equal, { minLength: 1, maxLength: 2 }).map(($all) => ({ $all })) },
    { weight: 1, arbitrary: fc.tuple(int(2, 3), int(0, 2)).map(($mod) => ({ $mod })) },
  );
  const element = one('$gt', '$lte', '$eq', '$ne').map(($elemMatch) => ({ $elemMatch }));
  const negated = simple
    .filter((it) => isPlain(it) && Object.keys(it)[0]?.startsWith('$') === true)
    .map(($not) => ({ $not }));
  return fc.oneof(
    { weight: 12, arbitrary: simple },
    { weight: field === 'tags' ? 3 : 0, arbitrary: element },
    { weight: 1, arbitrary: negated },
  );
}

const clause: fc.Arbitrary<Document> = fc.oneof(
  { weight: 12, arbitrary: path.chain((name) => conditionOn(name).map((condition) => ({ [name]: condition }))) },
  {
    weight: 1,
    arbitrary: fc.tuple(small, int(0, 3)).map(([x, y]) => ({ o: { $elemMatch: { x: { $gte: x }, y } } })),
  },
);
const joined = fc.array(clause, { maxLength: 3 }).map((clauses): Document => Object.assign({}, ...clauses));
export const filter: fc.Arbitrary<Document> = fc.oneof(
  { weight: 6, arbitrary: joined },
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(joined, { minLength: 1, maxLength: 3 }), joined)
    .map(([logic, parts, rest]) => ({ ...rest, [logic]: parts })),
);

const direction = fc.constantFrom<1 | -1>(1, -1);
/** At most one of the fields may hold arrays, as MongoDB demands; `_id` makes the order certain. */
export const sort: fc.Arbitrary<Sort> = fc
  .tuple(
    fc.shuffledSubarray(['a', 'b', 'n', 'd.e', 'u']),
    fc.option(fc.constantFrom('tags', 'o.x'), { nil: null, freq: 2 }),
    fc.array(direction, { minLength: 7, maxLength: 7 }),
  )
  .map(([names, arrays, ways]) =>
    [...names.slice(0, 2), ...(arrays === null ? [] : [arrays]), '_id'].map((name, at): readonly [string, 1 | -1] => [
      name,
      ways[at] ?? 1,
    ]),
  );

const field = fc.constantFrom('a', 'b', 'g', 'n', 'd.e', 'd.f');
const each = fc.record(
  {
    $each: fc.array(int(0, 5), { maxLength: 3 }),
    $slice: int(-3, 3),
    $position: int(0, 2),
    $sort: fc.constantFrom(new Int32(1), new Int32(-1)),
  },
  { requiredKeys: ['$each'], noNullPrototype: true },
);
const set = (name: fc.Arbitrary<string>, value: fc.Arbitrary<Value>, operator: string) =>
  fc.tuple(name, value).map(([key, it]): Document => ({ [operator]: { [key]: it } }));

const operators: fc.Arbitrary<Document> = fc.oneof(
  { weight: 5, arbitrary: set(field, scalar, '$set') },
  fc.tuple(scalar, scalar).map(([b, a]) => ({ $set: { b, a, 'd.f': a } })),
  set(fc.constantFrom('u', 's'), int(0, 60), '$set'),
  set(fc.constantFrom('tags.0', 'tags.2'), small, '$set'),
  set(fc.constant('tags'), list, '$set'),
  set(fc.constantFrom('a', 'b', 'd.e', 'tags', 'tags.1', 'u', 's'), fc.constant(''), '$unset'),
  set(fc.constantFrom('n', 'n', 'd.e'), int(-3, 3), '$inc'),
  set(fc.constant('n'), int(-2, 2), '$mul'),
  set(fc.constantFrom('a', 'b', 'n'), scalar, '$min'),
  set(fc.constantFrom('a', 'b', 'n'), scalar, '$max'),
  set(fc.constantFrom('a', 'd.e'), fc.constantFrom('b', 'd.f', 'z'), '$rename').filter(
    (it) => !('a' in it && it['a'] === 'a'),
  ),
  set(fc.constant('tags'), fc.oneof(small, each), '$push'),
  set(
    fc.constant('tags'),
    fc.oneof(
      small,
      fc.array(small, { maxLength: 3 }).map(($each) => ({ $each })),
    ),
    '$addToSet',
  ),
  set(fc.constant('tags'), fc.constantFrom(new Int32(1), new Int32(-1)), '$pop'),
  set(
    fc.constant('tags'),
    fc.oneof(
      int(0, 4),
      int(0, 4).map(($gte) => ({ $gte })),
      fc.array(int(0, 4), { maxLength: 2 }).map(($in) => ({ $in })),
    ),
    '$pull',
  ),
  set(
    fc.constant('o'),
    int(0, 3).map((y) => ({ y })),
    '$pull',
  ),
  set(fc.constant('tags'), fc.array(small, { maxLength: 3 }), '$pullAll'),
  set(
    fc.constant('n'),
    fc.tuple(fc.constantFrom('and', 'or', 'xor'), int(0, 7)).map(([name, by]) => ({ [name]: by })),
    '$bit',
  ),
);
interface Change {
  readonly update: Document;
  readonly arrayFilters?: readonly Document[];
}
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: operators.map((update) => ({ update })) },
  fc
    .tuple(operators, int(-2, 2))
    .map(([update, by]) => ('$inc' in update ? { update } : { update: { ...update, $inc: { m: by } } })),
  int(0, 3).map((y) => ({ update: { $set: { 'o.$[e].x': y } }, arrayFilters: [{ 'e.y': { $gte: y } }] })),
  int(0, 3).map((by) => ({ update: { $inc: { 'o.$[].y': by } } })),
  int(0, 3).map((least) => ({ update: { $set: { 'tags.$[t]': 'hit' } }, arrayFilters: [{ t: { $gte: least } }] })),
);
const replacement = body.map((update): Change => ({ update }));
const upsert = fc
  .tuple(
    id,
    scalar.filter((it) => tagOf(it) !== 'BSONRegExp'),
    fc.oneof(
      change.filter(({ arrayFilters }) => !arrayFilters),
      replacement,
    ),
  )
  .map(
    ([_id, a, it]): Command => ({
      do: 'update',
      filter: { _id, ...('$set' in it.update || '$rename' in it.update ? {} : { g: 'g' }), ...(isPlain(a) ? {} : {}) },
      ...it,
      many: false,
      upsert: true,
    }),
  );

const ask = fc.record({
  filter,
  sort,
  skip: fc.constantFrom(0, 0, 0, 1, 3),
  limit: fc.constantFrom(0, 0, 1, 5),
  noNullPrototype: fc.constant(true),
});
const projection = fc.constantFrom<Document>(
  {},
  {},
  { a: 1 },
  { 'd.e': 1, _id: 0 },
  { 'o.x': 1 },
  { tags: 0 },
  { 'o.y': 0, _id: 0 },
  { _id: 0 },
  { 'd.e': 0 },
);

export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.array(document, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([documents, ordered]): Command => ({ do: 'insert', documents, ordered })),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(filter, change, fc.boolean())
      .map(([it, how, many]): Command => ({ do: 'update', filter: it, ...how, many, upsert: false })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(filter, replacement)
      .map(([it, how]): Command => ({ do: 'update', filter: it, ...how, many: false, upsert: false })),
  },
  { weight: 2, arbitrary: upsert },
  {
    weight: 2,
    arbitrary: fc.tuple(filter, fc.boolean()).map(([it, many]): Command => ({ do: 'delete', filter: it, many })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(filter, sort, fc.option(fc.oneof(operators, body), { nil: null }), fc.boolean())
      .map(([it, order, update, isNew]): Command => ({ do: 'findAndModify', filter: it, sort: order, update, isNew })),
  },
  {
    weight: 12,
    arbitrary: fc.tuple(ask, projection).map(
      ([{ filter: it, sort: order, skip, limit }, shown]): Command => ({
        do: 'find',
        filter: it,
        sort: order,
        skip,
        limit,
        projection: shown,
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: ask.map(({ filter: it, skip, limit }): Command => ({ do: 'count', filter: it, skip, limit })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(filter, fc.constantFrom('a', 'g', 'tags', 'd.e', 'o.x'))
      .map(([it, key]): Command => ({ do: 'distinct', filter: it, key })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(filter, fc.constantFrom('g', 'a'))
      .map(([it, key]): Command => ({ do: 'group', filter: it, key })),
  },
  { weight: 1, arbitrary: filter.map((it): Command => ({ do: 'unwind', filter: it, key: 'tags' })) },
  { weight: 2, arbitrary: fc.constantFrom<Command>({ do: 'begin' }, { do: 'commit' }, { do: 'abort' }) },
);

const plain = (key: Document, more: Document = {}): OracleIndex => ({ spec: { key, ...more } });
/** Indexes of every kind. At most one field of each may hold arrays. */
export const INDEXES: readonly OracleIndex[] = [
  plain({ a: 1 }),
  plain({ b: -1 }),
  plain({ a: 1, b: -1 }),
  plain({ a: -1, n: 1, _id: -1 }),
  plain({ tags: 1 }),
  plain({ g: 1, tags: -1 }),
  plain({ tags: 1, a: 1 }),
  plain({ 'o.x': 1 }),
  plain({ 'o.y': -1, b: 1 }),
  plain({ 'd.e': 1, 'd.f': -1 }),
  plain({ a: 1, g: 1 }, { sparse: true }),
  plain({ b: 1, n: 1 }, { partialFilterExpression: { g: 'g' } }),
  { spec: { key: { u: 1 }, unique: true }, rule: { path: 'u' } },
  { spec: { key: { s: -1 }, unique: true, sparse: true }, rule: { path: 's', sparse: true } },
  {
    spec: { key: { b: 1 }, unique: true, partialFilterExpression: { g: 'g' } },
    rule: { path: 'b', partial: { g: 'g' } },
  },
];
