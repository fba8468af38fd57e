import { type Document, Double, Int32 } from 'bson';
import { matches } from './match.ts';
import { compare, isNumber, isPlain, isSame, tagOf, toNumber, type Value } from './values.ts';

/** A command that MongoDB refuses, with the code it answers. */
export class Refused extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** How an update is asked for. */
export interface UpdateAsk {
  readonly update: Document;
  readonly arrayFilters?: readonly Document[];
  readonly inserting?: boolean;
}

type Container = Document | Value[];

/** A deep copy; classes of BSON are never changed and are shared. */
export function copy<It>(value: It): It {
  if (Array.isArray(value)) return value.map(copy) as It;
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, copy(it)])) as It;
}

function memberOf(container: Value, part: string): Value {
  if (Array.isArray(container)) return /^\d+$/.test(part) ? container[Number(part)] : undefined;
  return isPlain(container) && Object.hasOwn(container, part) ? container[part] : undefined;
}

function assign(container: Value, part: string, value: Value): void {
  if (Array.isArray(container)) {
    if (!/^\d+$/.test(part)) throw new Refused(28, `no field ${part} in an array`);
    while (container.length < Number(part)) container.push(null);
    container[Number(part)] = value;
  } else if (isPlain(container)) container[part] = value;
  else throw new Refused(28, `no field ${part} in a scalar`);
}

/** The container of a path's last part, made on the way. */
function containerOf(document: Document, path: readonly string[]): Container {
  let container: Value = document;
  for (const part of path.slice(0, -1)) {
    let next: Value = memberOf(container, part);
    if (next === undefined) {
      next = {};
      assign(container, part, next);
    }
    container = next;
  }
  if (!Array.isArray(container) && !isPlain(container)) throw new Refused(28, `nothing under ${path.join('.')}`);
  return container;
}

function read(document: Document, path: readonly string[]): Value {
  return path.reduce<Value>(memberOf, document);
}

function put(document: Document, path: readonly string[], value: Value): void {
  assign(containerOf(document, path), path.at(-1) as string, copy(value));
}

function remove(document: Document, path: readonly string[]): void {
  const container = read(document, path.slice(0, -1));
  const part = path.at(-1) as string;
  if (Array.isArray(container)) {
    if (/^\d+$/.test(part) && Number(part) < container.length) container[Number(part)] = null;
  } else if (isPlain(container)) delete container[part];
}

/** `tags.$[t]` as the paths it stands for. */
function expand(document: Document, dotted: string, filters: readonly Document[]): string[][] {
  let paths: string[][] = [[]];
  for (const part of dotted.split('.'))
    paths = paths.flatMap((path) => {
      if (!part.startsWith('$[')) return [[...path, part]];
      const array = read(document, path);
      if (!Array.isArray(array)) throw new Refused(2, `${path.join('.')} is no array`);
      const name = part.slice(2, -1);
      const filter = filters.find((it) => Object.keys(it)[0]?.split('.')[0] === name);
      return array.flatMap((element, at) =>
        name === '' || matches({ [name]: element }, filter as Document) ? [[...path, String(at)]] : [],
      );
    });
  return paths;
}

function arrayAt(document: Document, path: readonly string[]): Value[] | undefined {
  const value = read(document, path);
  if (value !== undefined && !Array.isArray(value)) throw new Refused(2, `${path.join('.')} is no array`);
  return value;
}

function eachOf(operand: Value): Value[] {
  return isPlain(operand) && '$each' in operand ? (operand['$each'] as Value[]) : [operand];
}

function pushed(array: Value[], operand: Value): Value[] {
  const how: Document = isPlain(operand) && '$each' in operand ? operand : {};
  const result = [...array];
  const position = how['$position'] === undefined ? result.length : toNumber(how['$position']);
  result.splice(position, 0, ...eachOf(operand));
  if (how['$sort'] !== undefined) result.sort((left, right) => compare(left, right) * toNumber(how['$sort']));
  if (how['$slice'] === undefined) return result;
  const slice = toNumber(how['$slice']);
  return slice === 0 ? [] : slice > 0 ? result.slice(0, slice) : result.slice(slice);
}

function isPulled(element: Value, operand: Value): boolean {
  if (!isPlain(operand)) return isSame(element, operand);
  if (Object.keys(operand)[0]?.startsWith('$')) return matches({ it: element }, { it: operand });
  return isPlain(element) && matches(element, operand);
}

function calculated(value: Value, operand: Value, operate: (left: number, right: number) => number): Value {
  if (value !== undefined && !isNumber(value)) throw new Refused(14, 'not a number');
  const result = operate(value === undefined ? 0 : toNumber(value), toNumber(operand));
  return Number.isInteger(result) && Math.abs(result) < 2 ** 31 ? new Int32(result) : new Double(result);
}

function bits(value: Value, operand: Document): Value {
  if (value !== undefined && tagOf(value) !== 'Int32') throw new Refused(2, 'not an integer');
  const [[name, by] = ['', 0]] = Object.entries(operand);
  const [left, right] = [value === undefined ? 0 : toNumber(value), toNumber(by)];
  return new Int32(name === 'and' ? left & right : name === 'or' ? left | right : left ^ right);
}

type Operate = (document: Document, path: string[], operand: Value, ask: UpdateAsk) => void;
const changing =
  (change: (value: Value, operand: never) => Value): Operate =>
  (document, path, operand) =>
    put(document, path, change(read(document, path), operand as never));
const onArray =
  (change: (array: Value[], operand: never) => Value[]): Operate =>
  (document, path, operand) => {
    const array = arrayAt(document, path);
    if (array) put(document, path, change(array, operand as never));
  };

const OPERATORS: Readonly<Record<string, Operate>> = {
  $set: put,
  $setOnInsert: (document, path, operand, { inserting }) => inserting && put(document, path, operand),
  $unset: remove,
  $inc: changing((value, operand) => calculated(value, operand, (left, right) => left + right)),
  $mul: changing((value, operand) => calculated(value, operand, (left, right) => left * right)),
  $min: changing((value, operand) => (value === undefined || compare(operand, value) < 0 ? operand : value)),
  $max: changing((value, operand) => (value === undefined || compare(operand, value) > 0 ? operand : value)),
  $bit: changing(bits),
  $rename: (document, path, operand) => {
    const value = read(document, path);
    if (value === undefined) return;
    remove(document, path);
    put(document, String(operand).split('.'), value);
  },
  $push: (document, path, operand) => put(document, path, pushed(arrayAt(document, path) ?? [], operand)),
  $addToSet: (document, path, operand) => {
    const array = [...(arrayAt(document, path) ?? [])];
    for (const value of eachOf(operand)) if (!array.some((it) => isSame(it, value))) array.push(value);
    put(document, path, array);
  },
  $pop: onArray((array, end) => (toNumber(end) === 1 ? array.slice(0, -1) : array.slice(1))),
  $pull: onArray((array, operand) => array.filter((element) => !isPulled(element, operand))),
  $pullAll: onArray((array, values: Value[]) => array.filter((element) => !values.some((it) => isSame(it, element)))),
};

/** The document as the update leaves it; fields are changed in the order of their names. Throws `Refused`. */
export function updated(before: Document, ask: UpdateAsk): Document {
  const after = copy(before);
  const { update, arrayFilters = [] } = ask;
  if (!Object.keys(update)[0]?.startsWith('$')) return { _id: before['_id'], ...copy(update) };
  const changes = Object.entries(update).flatMap(([operator, fields]) =>
    Object.entries(fields as Document).map(([path, operand]) => ({ operator, path, operand })),
  );
  changes.sort((left, right) => (left.path < right.path ? -1 : 1));
  for (const { operator, path, operand } of changes)
    for (const parts of expand(after, path, arrayFilters)) OPERATORS[operator]?.(after, parts, operand, ask);
  return after;
}
