import { type Document, isDocument } from '../value/codec.ts';
import { encodeValue } from '../value/key.ts';
import { isOperatorDocument } from './filter.ts';

/** One end of a range, as an encoded value. */
export interface Limit {
  readonly key: string;
  readonly inclusive: boolean;
}

/** What a filter says of one path, as far as an index can use it. Every matching document lies within. */
export interface Bound {
  /** Encoded values, one of which the path has. */
  readonly equals?: readonly string[];
  readonly lower?: Limit;
  readonly upper?: Limit;
}

/** Bounds by path. */
export type Bounds = ReadonlyMap<string, Bound>;

/** Longest list of values looked up one by one. */
const MAX_POINTS = 1000;

function isScalar(value: unknown): boolean {
  return value !== undefined && !Array.isArray(value) && !(value instanceof RegExp);
}

function ofOperator(operator: string, operand: unknown): Bound | null {
  if (operator === '$in') {
    if (!Array.isArray(operand) || operand.length > MAX_POINTS || !operand.every(isScalar)) return null;
    return { equals: [...new Set(operand.map(encodeValue))] };
  }
  if (!isScalar(operand)) return null;
  if (operator === '$eq') return { equals: [encodeValue(operand)] };
  if (operand === null) return null;
  if (operator === '$gt' || operator === '$gte')
    return { lower: { key: encodeValue(operand), inclusive: operator === '$gte' } };
  if (operator === '$lt' || operator === '$lte')
    return { upper: { key: encodeValue(operand), inclusive: operator === '$lte' } };
  return null;
}

function ofCondition(condition: unknown): Bound[] {
  if (!isOperatorDocument(condition)) return isScalar(condition) ? [{ equals: [encodeValue(condition)] }] : [];
  return Object.entries(condition)
    .map(([operator, operand]) => ofOperator(operator, operand))
    .filter((bound) => bound !== null);
}

/** Both hold: the first stays where the two cannot be joined without knowing more. */
function narrow(left: Bound | undefined, right: Bound): Bound {
  if (!left) return right;
  if (left.equals) return left;
  if (right.equals) return right;
  return { ...right, ...left };
}

function lowest(bound: Bound): Limit | undefined {
  if (!bound.equals) return bound.lower;
  const key = [...bound.equals].sort()[0];
  return key === undefined ? undefined : { key, inclusive: true };
}

function highest(bound: Bound): Limit | undefined {
  if (!bound.equals) return bound.upper;
  const key = [...bound.equals].sort().at(-1);
  return key === undefined ? undefined : { key, inclusive: true };
}

function pick(limits: (Limit | undefined)[], isBetter: (left: string, right: string) => boolean): Limit | undefined {
  return limits.reduce((best, limit) => {
    if (!best || !limit) return undefined;
    if (best.key === limit.key) return best.inclusive ? best : limit;
    return isBetter(limit.key, best.key) ? limit : best;
  });
}

/** One of several holds: the least range that holds them all, or nothing known. */
function widen(bounds: readonly Bound[]): Bound | null {
  if (bounds.every((bound) => bound.equals))
    return { equals: [...new Set(bounds.flatMap((bound) => bound.equals ?? []))] };
  const kinds = new Set(bounds.flatMap((bound) => [lowest(bound), highest(bound)]).map((limit) => limit?.key[0]));
  kinds.delete(undefined);
  if (kinds.size !== 1) return null;
  const lower = pick(bounds.map(lowest), (left, right) => left < right);
  const upper = pick(bounds.map(highest), (left, right) => left > right);
  if (!lower && !upper) return null;
  return { ...(lower ? { lower } : {}), ...(upper ? { upper } : {}) };
}

function add(bounds: Map<string, Bound>, path: string, bound: Bound): void {
  bounds.set(path, narrow(bounds.get(path), bound));
}

function addAlternatives(bounds: Map<string, Bound>, branches: readonly Document[]): void {
  const [first, ...others] = branches.map(boundsOf);
  if (!first) return;
  for (const [path, bound] of first) {
    const rest = others.map((other) => other.get(path));
    if (rest.some((it) => it === undefined)) continue;
    const wide = widen([bound, ...(rest as Bound[])]);
    if (wide) add(bounds, path, wide);
  }
}

function addEntry(bounds: Map<string, Bound>, key: string, condition: unknown): void {
  if (!key.startsWith('$')) {
    for (const bound of ofCondition(condition)) add(bounds, key, bound);
    return;
  }
  if (!Array.isArray(condition)) return;
  const parts = condition.filter(isDocument);
  if (key === '$or') addAlternatives(bounds, parts);
  if (key === '$and') for (const part of parts) for (const [path, bound] of boundsOf(part)) add(bounds, path, bound);
}

/** What the filter says of each path. A path it leaves out may have any value, or the filter says more than an index can use. */
export function boundsOf(filter: Document): Bounds {
  const bounds = new Map<string, Bound>();
  for (const [key, condition] of Object.entries(filter)) addEntry(bounds, key, condition);
  return bounds;
}
