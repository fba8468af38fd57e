import { type Document, isDocument } from '../value/codec.ts';
import { encodeValue, successor } from '../value/key.ts';
import { isNumeric, toDouble } from '../value/numbers.ts';
import type { Bound } from './bounds.ts';
import { isOperatorDocument } from './filter.ts';

/** Longest list of values looked up one by one. */
const MAX_POINTS = 1000;

/** Whether a value can be a point or an end of a range: no array, no pattern. */
function isScalar(value: unknown): boolean {
  if (value === undefined || Array.isArray(value) || value instanceof RegExp) return false;
  return (value as { _bsontype?: string } | null)?._bsontype !== 'BSONRegExp';
}

/** MinKey and MaxKey are in order with values of every type, which lie in several runs of an index. */
function isEdge(value: unknown): boolean {
  const tag = (value as { _bsontype?: string } | null)?._bsontype;
  return tag === 'MinKey' || tag === 'MaxKey';
}

function isNaNValue(value: unknown): boolean {
  return isNumeric(value) && Number.isNaN(toDouble(value));
}

function ofList(operand: unknown): Bound | null {
  if (!Array.isArray(operand) || operand.length > MAX_POINTS || !operand.every(isScalar)) return null;
  return { equals: [...new Set(operand.map(encodeValue))].sort() };
}

/** Nothing is less or greater than null, an array or NaN in a way an index could tell. */
function ofRange(operator: string, operand: unknown): Bound | null {
  if (!isScalar(operand) || operand === null || isNaNValue(operand) || isEdge(operand)) return null;
  const limit = { key: encodeValue(operand), inclusive: operator.endsWith('e') };
  return operator.startsWith('$g') ? { lower: limit } : { upper: limit };
}

/** All elements are there, so the first is. */
function ofAll(operand: unknown): Bound | null {
  const first = Array.isArray(operand) ? operand[0] : undefined;
  if (!isScalar(first) || first === null || (isDocument(first) && '$elemMatch' in first)) return null;
  return { equals: [encodeValue(first)] };
}

/** Text a pattern must begin with, or '' when there is none: `^` and plain characters, up to the first that means something. */
function fixedBeginning(pattern: unknown): string {
  const source = pattern instanceof RegExp ? pattern.source : pattern;
  const flags = pattern instanceof RegExp ? pattern.flags : '';
  if (typeof source !== 'string' || !source.startsWith('^') || /[ims]/.test(flags) || source.includes('|')) return '';
  const plain = /^[\p{L}\p{N} _\-:@/,;=]*/u.exec(source.slice(1))?.[0] ?? '';
  const isCounted = /^[*?{+]/.test(source.slice(1 + plain.length));
  return isCounted ? plain.slice(0, -1) : plain;
}

function ofPattern(pattern: unknown, options: unknown): Bound | null {
  const beginning = options === undefined || options === '' ? fixedBeginning(pattern) : '';
  // A character beyond the basic plane may be cut in two above.
  if (beginning === '' || /[\ud800-\udfff]/.test(beginning)) return null;
  // The encoded text without its end mark.
  const key = encodeValue(beginning).slice(0, -2);
  return { lower: { key, inclusive: true }, upper: { key: successor(key), inclusive: false } };
}

const RANGES = new Set(['$gt', '$gte', '$lt', '$lte']);

function ofOperator(operator: string, operand: unknown, condition: Document): Bound | null {
  if (operator === '$eq') return isScalar(operand) ? { equals: [encodeValue(operand)] } : null;
  if (operator === '$in') return ofList(operand);
  if (operator === '$all') return ofAll(operand);
  if (operator === '$regex') return ofPattern(operand, condition['$options']);
  return RANGES.has(operator) ? ofRange(operator, operand) : null;
}

/** What a condition on a path says of it: all of the bounds hold. `$elemMatch` on documents says nothing of the path itself. */
export function boundsOfCondition(condition: unknown): Bound[] {
  if (condition instanceof RegExp) return [ofPattern(condition, undefined)].filter((bound) => bound !== null);
  if (!isOperatorDocument(condition)) return isScalar(condition) ? [{ equals: [encodeValue(condition)] }] : [];
  const bounds: Bound[] = [];
  for (const [operator, operand] of Object.entries(condition)) {
    const bound = ofOperator(operator, operand, condition);
    if (bound) bounds.push(bound);
    else if (operator === '$elemMatch' && isOperatorDocument(operand)) bounds.push(...boundsOfCondition(operand));
  }
  return bounds;
}

function hasOneRange(operators: readonly string[], condition: Document): boolean {
  const lower = operators.filter((operator) => operator.startsWith('$g'));
  const upper = operators.filter((operator) => operator.startsWith('$l'));
  if (lower.length > 1 || upper.length > 1) return false;
  const kinds = new Set(Object.values(condition).map((operand) => encodeValue(operand)[0]));
  return kinds.size === 1;
}

/** Whether what `boundsOfCondition` says of a value that is no array is all that the condition says. */
export function isBoundExact(condition: unknown): boolean {
  if (boundsOfCondition(condition).length === 0 || condition instanceof RegExp) return false;
  if (!isOperatorDocument(condition)) return true;
  const operators = Object.keys(condition);
  if (operators.length === 1 && (operators[0] === '$eq' || operators[0] === '$in')) return true;
  const bounds = boundsOfCondition(condition);
  const areRanges = operators.every((operator) => RANGES.has(operator)) && bounds.length === operators.length;
  return areRanges && hasOneRange(operators, condition);
}
