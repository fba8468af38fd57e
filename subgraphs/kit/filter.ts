import { AppError } from '../../lib/errors.ts';
import { missingScopes } from '../../lib/identity.ts';
import { conjunction, disjunction } from './condition.ts';
import { foldPart, foldText } from './fold-text.ts';
import type { Condition } from './row.ts';

/** A field a list can be filtered by. */
export interface FilterField {
  readonly path: string;
  /** `folded`: stored by foldText. `lower`: stored in lower case. `plain`: compared as it is. */
  readonly text?: 'folded' | 'lower' | 'plain';
  /** Whether the path holds a list of texts, any of which may match. */
  readonly many?: boolean;
  /** Scopes without which filtering by it is refused: an answer would give the value away. */
  readonly scopes?: readonly string[];
}

/** Filter field → where it is stored. */
export type FilterFields = Readonly<Record<string, FilterField>>;

/** How large a filter may be. */
const MAX_COMPARISONS = 50;
const MAX_GROUPS = 100;
const MAX_DEPTH = 6;
const MAX_LISTED = 100;
/** UTF-16 units; no stored text that can be filtered by is longer. */
const MAX_TEXT = 1_000;

type Input = Readonly<Record<string, unknown>>;
type Budget = { comparisons: number; groups: number };

/**
 * A typed filter (`and`, `or`, `not`, and comparisons by field) as a MongoDB condition.
 * AppError BAD_USER_INPUT when it is too large or compares with null; FORBIDDEN when a field needs a scope the caller lacks.
 */
export function toCondition(
  filter: Input | null | undefined,
  fields: FilterFields,
  granted: readonly string[],
): Condition {
  return filter ? allOf(filter, { fields, granted, budget: { comparisons: 0, groups: 0 } }, 1) : {};
}

interface Reading {
  readonly fields: FilterFields;
  readonly granted: readonly string[];
  readonly budget: Budget;
}

function allOf(filter: Input, reading: Reading, depth: number): Condition {
  if (depth > MAX_DEPTH) throw refuse(`A filter may nest at most ${MAX_DEPTH} deep.`);
  reading.budget.groups += 1;
  if (reading.budget.groups > MAX_GROUPS) throw refuse(`A filter may have at most ${MAX_GROUPS} parts.`);
  return conjunction(Object.entries(filter).map(([name, value]) => member(name, value, reading, depth)));
}

function member(name: string, value: unknown, reading: Reading, depth: number): Condition {
  if (value === null || value === undefined) throw refuse(`filter.${name} must not be null; use isNull.`);
  const inner = (one: unknown) => allOf(one as Input, reading, depth + 1);
  if (name === 'and') return conjunction((value as unknown[]).map(inner));
  if (name === 'or') return disjunction((value as unknown[]).map(inner));
  if (name === 'not') return { $nor: [inner(value)] };
  const field = reading.fields[name];
  if (!field) throw refuse(`filter.${name} is not known.`);
  requireScopes(field, reading.granted);
  const comparisons = Object.entries(value);
  reading.budget.comparisons += comparisons.length;
  if (reading.budget.comparisons > MAX_COMPARISONS)
    throw refuse(`A filter may have at most ${MAX_COMPARISONS} comparisons.`);
  return conjunction(comparisons.map(([operator, operand]) => compare(field, operator, operand)));
}

function requireScopes({ scopes }: FilterField, granted: readonly string[]): void {
  const missing = scopes ? missingScopes(granted, [scopes]) : [];
  if (missing.length === 0) return;
  throw new AppError('FORBIDDEN', `Filtering by this needs the scope ${missing.join(' and ')}.`, {
    extensions: { missingScopes: missing },
  });
}

const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;
const RANGE = { gt: '$gt', gte: '$gte', lt: '$lt', lte: '$lte' } as const;

function compare(field: FilterField, operator: string, operand: unknown): Condition {
  if (operand === null || operand === undefined) throw refuse(`${operator} must not be null; use isNull.`);
  const { path } = field;
  if (operator === 'eq') return { [path]: stored(field, operand) };
  if (operator === 'in') return { [path]: { $in: listed(operand).map((one) => stored(field, one)) } };
  if (operator === 'isNull') return isNull(field, operand === true);
  if (operator === 'startsWith') return within(field, prefixRange(partOf(field, operand).trimStart()));
  if (operator === 'contains') return { [path]: { $regex: escapeRegExp(partOf(field, operand)) } };
  if (!(operator in RANGE)) throw refuse(`${operator} is not known.`);
  return { [path]: { [RANGE[operator as keyof typeof RANGE]]: operand } };
}

function stored({ text }: FilterField, operand: unknown): unknown {
  if (typeof operand !== 'string') return operand;
  if (operand.length > MAX_TEXT) throw refuse(`A text of a filter may have at most ${MAX_TEXT} characters.`);
  if (!text) return operand;
  if (text === 'folded') return foldText(operand);
  return text === 'lower' ? operand.toLowerCase().trim() : operand;
}

/** What a text has to begin with or hold. */
function partOf(field: FilterField, operand: unknown): string {
  const whole = String(stored(field, operand));
  return field.text === 'folded' ? foldPart(String(operand)) : whole;
}

function listed(operand: unknown): unknown[] {
  const list = operand as unknown[];
  if (list.length > MAX_LISTED) throw refuse(`in may list at most ${MAX_LISTED} values.`);
  return list;
}

function isNull({ path, many }: FilterField, wanted: boolean): Condition {
  const empty = many ? [] : null;
  return { [path]: wanted ? { $eq: empty } : { $ne: empty } };
}

/** On a list of texts both bounds must hold for the same text. */
function within({ path, many }: FilterField, range: Condition): Condition {
  return { [path]: many ? { $elemMatch: range } : range };
}

/** A prefix as a range, which any ordered index serves: from the prefix to its last character's successor. */
function prefixRange(prefix: string): Condition {
  const characters = [...prefix];
  const last = characters.pop()?.codePointAt(0);
  if (last === undefined || last >= LAST_CODE_POINT) return { $gte: prefix };
  const next = last + 1 === FIRST_SURROGATE ? AFTER_SURROGATES : last + 1;
  return { $gte: prefix, $lt: characters.join('') + String.fromCodePoint(next) };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

function refuse(message: string): AppError {
  return new AppError('BAD_USER_INPUT', message);
}
