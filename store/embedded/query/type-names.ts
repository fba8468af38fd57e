import { MongoError } from '../mongo-error.ts';
import { isDocument } from '../value/codec.ts';
import { isNumeric } from '../value/numbers.ts';

const tagged = (tag: string) => (value: unknown) => (value as { _bsontype?: string } | null)?._bsontype === tag;
const isInt = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const isLong = (value: unknown) => tagged('Long')(value) || (Number.isInteger(value) && !isInt(value));

/** `$type` names with their numbers. https://www.mongodb.com/docs/manual/reference/bson-types/ */
const TYPES: readonly (readonly [number, string, (value: unknown) => boolean])[] = [
  [1, 'double', (value) => typeof value === 'number' && !Number.isInteger(value)],
  [2, 'string', (value) => typeof value === 'string'],
  [3, 'object', isDocument],
  [4, 'array', Array.isArray],
  [5, 'binData', tagged('Binary')],
  [7, 'objectId', tagged('ObjectId')],
  [8, 'bool', (value) => typeof value === 'boolean'],
  [9, 'date', (value) => value instanceof Date],
  [10, 'null', (value) => value === null],
  [11, 'regex', (value) => value instanceof RegExp || tagged('BSONRegExp')(value)],
  [13, 'javascript', tagged('Code')],
  [16, 'int', isInt],
  [17, 'timestamp', tagged('Timestamp')],
  [18, 'long', isLong],
  [19, 'decimal', tagged('Decimal128')],
  [-1, 'minKey', tagged('MinKey')],
  [127, 'maxKey', tagged('MaxKey')],
];

/** Whether a value is of a `$type`, by name, number or `number`. Whole doubles count as int: the store does not keep the difference. */
export function isOfType(value: unknown, type: unknown): boolean {
  if (value === undefined) return false;
  if (type === 'number') return isNumeric(value);
  const found = TYPES.find(([number, name]) => type === number || type === name);
  if (!found) throw new MongoError('BadValue', `Unknown type name or number: ${String(type)}`);
  return found[2](value);
}
