import { type Document, Double, Int32 } from 'bson';
import type { Doing } from './commands.ts';
import { sorted } from './keys.ts';
import { leaves, matches } from './match.ts';
import { compare, isNumber, isPlain, isSame, toNumber, type Value } from './values.ts';

type Documents = readonly Document[];

function included(value: Value, path: readonly string[]): Value {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(value))
    return value.filter((it) => isPlain(it) || Array.isArray(it)).map((it) => included(it, path));
  if (!isPlain(value)) return undefined;
  if (!Object.hasOwn(value, part)) return {};
  const inner = included(value[part], rest);
  return inner === undefined ? {} : { [part]: inner };
}

function excluded(value: Value, path: readonly string[]): Value {
  const [part, ...rest] = path as [string, ...string[]];
  if (Array.isArray(value)) return value.map((it) => excluded(it, path));
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).flatMap(([name, it]) => {
    if (name !== part) return [[name, it]];
    return rest.length === 0 ? [] : [[name, excluded(it, rest)]];
  });
  return Object.fromEntries(entries);
}

/** One path is included or excluded; `_id` stays unless it is told to go. */
function projected(document: Document, projection: Document): Document {
  const entries = Object.entries(projection);
  const [path, shows] = entries.find(([name]) => name !== '_id') ?? ['', null];
  const id = projection['_id'] === undefined || projection['_id'] !== 0 ? { _id: document['_id'] } : {};
  if (shows === null) return entries.length === 0 ? document : (excluded(document, ['_id']) as Document);
  if (!shows)
    return excluded('_id' in id ? document : (excluded(document, ['_id']) as Document), path.split('.')) as Document;
  return { ...id, ...(included(document, path.split('.')) as Document) };
}

export function find(documents: Documents, { filter, sort, skip, limit, projection }: Doing<'find'>): Document[] {
  const found = sorted(
    documents.filter((it) => matches(it, filter)),
    sort,
  );
  return found.slice(skip, limit === 0 ? undefined : skip + limit).map((it) => projected(it, projection));
}

export function count(documents: Documents, { filter, skip, limit }: Doing<'count'>): number {
  const left = Math.max(0, documents.filter((it) => matches(it, filter)).length - skip);
  return limit === 0 ? left : Math.min(left, limit);
}

/** Each value once, arrays by their elements. */
export function distinct(documents: Documents, { filter, key }: Doing<'distinct'>): Value[] {
  const values = documents.filter((it) => matches(it, filter)).flatMap((it) => leaves(it, key).flat(1));
  return once(values.filter((value) => value !== undefined));
}

function once(values: readonly Value[]): Value[] {
  return [...values].sort(compare).filter((value, at, all) => at === 0 || !isSame(value, all[at - 1]));
}

/** `$group` by a field: how many, the sum of `n`, and the least and greatest `b` that is there. */
export function group(documents: Documents, { filter, key }: Doing<'group' | 'unwind'>): Document[] {
  const found = documents.filter((it) => matches(it, filter));
  return once(found.map((it) => it[key] ?? null)).map((_id) => {
    const members = found.filter((it) => isSame(it[key] ?? null, _id));
    const numbers = members.map((it) => it['n']).filter((value) => isNumber(value));
    const there = members.map((it) => it['b']).filter((value) => value !== null && value !== undefined);
    there.sort(compare);
    const sum = numbers.reduce<number>((total, value) => total + toNumber(value), 0);
    return {
      _id,
      count: new Int32(members.length),
      sum: Number.isInteger(sum) && Math.abs(sum) < 2 ** 31 ? new Int32(sum) : new Double(sum),
      low: there[0] ?? null,
      high: there.at(-1) ?? null,
    };
  });
}

/** `$unwind` of a field, then how often each value comes. */
export function unwind(documents: Documents, { filter, key }: Doing<'group' | 'unwind'>): Document[] {
  const values = documents
    .filter((it) => matches(it, filter))
    .flatMap((it) => (Array.isArray(it[key]) ? it[key] : it[key] === null || it[key] === undefined ? [] : [it[key]]))
    .map((value) => value ?? null);
  return once(values).map((_id) => ({ _id, count: new Int32(values.filter((value) => isSame(value, _id)).length) }));
}
