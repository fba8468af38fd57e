import { Long } from 'bson';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

type Check = (value: unknown, name: string) => void;

function mismatch(name: string, wanted: string): MongoError {
  return new MongoError('TypeMismatch', `The field '${name}' must be ${wanted}`);
}

const object: Check = (value, name) => {
  if (!isDocument(value)) throw mismatch(name, 'an object');
};
const text: Check = (value, name) => {
  if (typeof value !== 'string') throw mismatch(name, 'a string');
};
const whole: Check = (value, name) => {
  if (!Number.isInteger(value) && !Long.isLong(value)) throw mismatch(name, 'a 64-bit integer');
};
const count: Check = (value, name) => {
  if (typeof value !== 'number' && !Long.isLong(value)) throw mismatch(name, 'a number');
  if (!(Number(value) >= 0)) throw new MongoError('NegativeNumber', `The field '${name}' must be >= 0`);
};
const list =
  (element: Check): Check =>
  (value, name) => {
    if (!Array.isArray(value)) throw mismatch(name, 'an array');
    for (const [at, it] of value.entries()) element(it, `${name}.${at}`);
  };
const fields =
  (checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value, name) => {
    object(value, name);
    checkFields(value as Document, checks, required);
  };

const match: Check = (stage, name) => {
  object(stage, name);
  if ('$match' in (stage as Document)) object((stage as Document)['$match'], `${name}.$match`);
};
const change = { q: object, c: object, arrayFilters: list(object) };
const explained: Check = (value, name) => {
  object(value, name);
  checkArguments(Object.keys(value as Document)[0] ?? '', value as Document);
};

/** What the fields of each command must be where they are given, and which must be. */
const COMMANDS: Readonly<Record<string, readonly [Readonly<Record<string, Check>>, ...string[]]>> = {
  find: [
    { filter: object, sort: object, projection: object, skip: count, limit: count, batchSize: count, let: object },
  ],
  update: [{ updates: list(fields(change, ['q', 'u'])), let: object }, 'updates'],
  delete: [{ deletes: list(fields({ q: object }, ['q'])), let: object }, 'deletes'],
  findAndModify: [{ query: object, sort: object, fields: object, arrayFilters: list(object), let: object }],
  count: [{ query: object, skip: count }],
  distinct: [{ key: text, query: object }, 'key'],
  aggregate: [{ pipeline: list(match), cursor: fields({ batchSize: count }), let: object }, 'pipeline'],
  createIndexes: [{ indexes: list(fields({ key: object, partialFilterExpression: object })) }, 'indexes'],
  listCollections: [{ filter: object, cursor: object }],
  listIndexes: [{ cursor: object }],
  getMore: [{ getMore: whole, collection: text, batchSize: count, maxTimeMS: count }],
  killCursors: [{ cursors: list(whole) }, 'cursors'],
  explain: [{ explain: explained }],
};

function checkFields(body: Document, checks: Readonly<Record<string, Check>>, required: readonly string[]): void {
  const missing = required.find((name) => body[name] === undefined);
  if (missing !== undefined) throw new MongoError('MissingField', `The field '${missing}' is missing but required`);
  for (const [name, check] of Object.entries(checks)) {
    const value = body[name];
    if (value !== undefined && (value !== null || required.includes(name))) check(value, name);
  }
}

/** No longer than MongoDB takes, and none of the characters that part names. https://www.mongodb.com/docs/manual/reference/limits/ */
function isDatabaseName(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) < 64 && !/[\0 ."$/\\]/.test(name);
}

/** Sees to it that what a command was given can be what it says. MongoError TypeMismatch, NegativeNumber, MissingField, InvalidNamespace. */
export function checkArguments(name: string, body: Document): void {
  const database = body['$db'];
  if (typeof database === 'string' && !isDatabaseName(database))
    throw new MongoError('InvalidNamespace', `Invalid database name: '${database.slice(0, 64)}'`);
  if (!Object.hasOwn(COMMANDS, name)) return;
  const [checks, ...required] = COMMANDS[name] as (typeof COMMANDS)[string];
  checkFields(body, checks, required);
}
