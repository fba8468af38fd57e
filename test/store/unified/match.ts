import mongoose from 'mongoose';
import type { Document } from './test-file.ts';

const { BSON } = mongoose.mongo;

/** Something is not as the file says. */
export class Mismatch extends Error {}

/** Where `$$matchesEntity` and `$$sessionLsid` look. */
export interface EntityLookup {
  get(id: string): unknown;
  sessionId(id: string): unknown;
}

/** A value as it would arrive over the wire: plain documents and arrays, no undefined members, no Map. */
export function toPlain(value: unknown): unknown {
  return BSON.deserialize(BSON.serialize({ value }, { ignoreUndefined: true }))['value'];
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : BSON.EJSON.stringify({ value }).slice('{"value":'.length, -1).slice(0, 200);
}

function fail(path: string, expected: unknown, actual: unknown): never {
  throw new Mismatch(`${path || 'the value'} is ${show(actual)}, not ${show(expected)}`);
}

function isPlainDocument(value: unknown): value is Document {
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || (prototype === null && value !== null && typeof value === 'object');
}

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const type = (value as { _bsontype?: string } | null | undefined)?._bsontype;
  return type === 'Long' || type === 'Int32' || type === 'Double' ? Number(value) : null;
}

const hasTag = (tag: string) => (value: unknown) => (value as { _bsontype?: string } | null)?._bsontype === tag;
const isWhole = (value: unknown) => Number.isInteger(toNumber(value));

/** The names `$$type` may give. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  int: isWhole,
  long: isWhole,
  double: (value) => toNumber(value) !== null,
  number: (value) => toNumber(value) !== null || hasTag('Decimal128')(value),
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  object: isPlainDocument,
  array: Array.isArray,
  date: (value) => value instanceof Date,
  null: (value) => value === null,
  objectId: hasTag('ObjectId'),
  timestamp: hasTag('Timestamp'),
  binData: hasTag('Binary'),
  decimal: hasTag('Decimal128'),
};

function isOfType(value: unknown, type: unknown): boolean {
  const test = TYPES[String(type)];
  if (!test) throw new Mismatch(`The runner does not know the $$type ${show(type)}`);
  return value !== undefined && test(value);
}

/** Compares as the format says: documents at the root may have more fields than expected, numbers are equal across types. */
export class Matcher {
  readonly #entities: EntityLookup;

  constructor(entities: EntityLookup) {
    this.#entities = entities;
  }

  /** Throws Mismatch. */
  match(expected: unknown, actual: unknown, path = '', isRoot = true): void {
    if (isPlainDocument(expected)) {
      const [name, ...others] = Object.keys(expected);
      if (name?.startsWith('$$') && others.length === 0) this.#special(name, expected[name], actual, path, isRoot);
      else this.#document(expected, actual, path, isRoot);
    } else if (Array.isArray(expected)) {
      if (!Array.isArray(actual) || actual.length !== expected.length) fail(path, expected, actual);
      for (const [at, element] of expected.entries()) this.match(element, actual[at], `${path}[${at}]`, isRoot);
    } else this.#leaf(expected, actual, path);
  }

  #document(expected: Document, actual: unknown, path: string, isRoot: boolean): void {
    if (!isPlainDocument(actual)) fail(path, expected, actual);
    for (const [key, value] of Object.entries(expected)) {
      const own = Object.hasOwn(actual, key) ? actual[key] : undefined;
      this.match(value, own, path ? `${path}.${key}` : key, false);
    }
    const extra = isRoot ? undefined : Object.keys(actual).find((key) => !Object.hasOwn(expected, key));
    if (extra !== undefined) throw new Mismatch(`${path} has the field ${extra} (${show(actual[extra])}) too`);
  }

  #leaf(expected: unknown, actual: unknown, path: string): void {
    const [left, right] = [toNumber(expected), toNumber(actual)];
    if (left !== null && right !== null) {
      if (!Object.is(left, right) && left !== right) fail(path, expected, actual);
    } else if (actual === undefined || BSON.EJSON.stringify({ v: expected }) !== BSON.EJSON.stringify({ v: actual }))
      fail(path, expected, actual);
  }

  #special(name: string, operand: unknown, actual: unknown, path: string, isRoot: boolean): void {
    if (name === '$$exists') {
      if ((actual !== undefined) !== operand)
        throw new Mismatch(`${path} is ${show(actual)}, exists: ${show(operand)}`);
    } else if (name === '$$type') {
      const types = Array.isArray(operand) ? operand : [operand];
      if (!types.some((type) => isOfType(actual, type))) fail(path, { [name]: operand }, actual);
    } else if (name === '$$unsetOrMatches') {
      if (actual !== undefined) this.match(operand, actual, path, isRoot);
    } else if (name === '$$matchesEntity')
      this.match(toPlain(this.#entities.get(String(operand))), actual, path, isRoot);
    else if (name === '$$sessionLsid')
      this.match(toPlain(this.#entities.sessionId(String(operand))), actual, path, isRoot);
    else throw new Mismatch(`The runner does not know the matcher ${name}`);
  }
}
