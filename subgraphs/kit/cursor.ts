import { createHash } from 'node:crypto';
import { AppError } from '../../lib/errors.ts';
import type { OrderStep, SortValue } from './order.ts';

/** What a cursor is bound to: it is good for this list and no other. */
export interface ListIdentity {
  readonly tenant: string;
  /** Name of the list, with the parent's id where there is one. */
  readonly list: string;
  readonly filter: unknown;
  readonly order: readonly OrderStep[];
}

const TAG_BYTES = 16;

/** Text with sorted keys, so that the same filter written in another order is the same filter. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function tagOf(payload: string, { tenant, list, filter, order }: ListIdentity): Buffer {
  const bound = canonicalText([tenant, list, filter, order.map(({ path, direction }) => [path, direction]), payload]);
  return createHash('sha256').update(bound).digest().subarray(0, TAG_BYTES);
}

/** A place in a list as opaque text: the values the row is ordered by, tied to the list by a hash. */
export function encodeCursor(values: readonly SortValue[], list: ListIdentity): string {
  const payload = JSON.stringify(values.map((value) => (value instanceof Date ? value.getTime() : value)));
  return Buffer.concat([tagOf(payload, list), Buffer.from(payload)]).toString('base64url');
}

/** The place a cursor stands for. AppError CURSOR_INVALID when it is not one of this very list, filter, order and tenant. */
export function decodeCursor(cursor: string, list: ListIdentity): SortValue[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(TAG_BYTES).toString('utf8');
  const isOurs = bytes.length > TAG_BYTES && bytes.subarray(0, TAG_BYTES).equals(tagOf(payload, list));
  const values = isOurs ? readValues(payload, list.order) : null;
  if (!values) throw new AppError('CURSOR_INVALID', 'The cursor is not one of this list.');
  return values;
}

/** The hash is no secret, so whoever makes a cursor of their own must still only get plain values of the right kind through. */
function readValues(payload: string, order: readonly OrderStep[]): SortValue[] | null {
  const parsed = parseJson(payload);
  if (!Array.isArray(parsed) || parsed.length !== order.length + 1) return null;
  const id: unknown = parsed.at(-1);
  if (typeof id !== 'string') return null;
  const values = order.map((step, index) => readValue(parsed[index], step));
  return values.includes(undefined) ? null : [...(values as SortValue[]), id];
}

function readValue(value: unknown, { kind, nullable }: OrderStep): SortValue | undefined {
  if (value === null) return nullable ? null : undefined;
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return kind === 'date' ? new Date(value) : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
