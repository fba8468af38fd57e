import { AppError } from '../../lib/errors.ts';
import type { FilterCondition } from '../supergraph/event-sources.ts';
import { checkTemplate, render, type TemplateScope, type Text, toText, valueAt } from './template.ts';

const MAX_DEPTH = 5;
const MAX_LIST = 5;

/** True or false; null is "cannot be known", as in Kleene's three-valued logic. */
type Truth = boolean | null;

/** A condition with its templates filled in for one subscriber. `polarity` is false within an odd number of NOTs. */
type Test = (payload: unknown, polarity: boolean) => Truth;

function invalid(message: string): AppError {
  return new AppError('SUPERGRAPH_INVALID', `@openfed__subscriptionFilter: ${message}.`);
}

/** AppError SUPERGRAPH_INVALID for what Cosmo's composition refuses: nesting over 5, lists not of 1 to 5, unknown templates. */
export function checkCondition(condition: FilterCondition, depth = 1): void {
  if (depth > MAX_DEPTH) throw invalid(`conditions nest deeper than ${MAX_DEPTH}`);
  const list = condition.AND ?? condition.OR ?? (condition.NOT ? [condition.NOT] : null);
  if (list && (list.length < 1 || list.length > MAX_LIST)) throw invalid(`AND and OR take 1 to ${MAX_LIST} conditions`);
  if (!list && !condition.IN) throw invalid('a condition is exactly one of AND, OR, NOT and IN');
  for (const part of list ?? []) checkCondition(part, depth + 1);
  for (const value of condition.IN?.values ?? []) if (typeof value === 'string') checkTemplate(value);
}

/**
 * The filter of one subscriber: whether an event's payload is for it. Compares by value, as text.
 * - A payload without the field, or with an object there, is not IN (so NOT delivers it); of a list, one member is enough.
 * - Values whose argument is absent or null are left out; a condition left without values for that reason never holds
 *   an event back, also under NOT.
 * - A value whose claim is absent makes the condition unknown, and what is not known to hold is not delivered, also under NOT.
 */
export function createFilter(condition: FilterCondition | null, scope: TemplateScope): (payload: unknown) => boolean {
  if (!condition) return () => true;
  const test = toTest(condition, scope);
  return (payload) => test(payload, true) === true;
}

function toTest(condition: FilterCondition, scope: TemplateScope): Test {
  if (condition.AND) return every(condition.AND.map((part) => toTest(part, scope)));
  if (condition.OR) return some(condition.OR.map((part) => toTest(part, scope)));
  if (condition.NOT) return not(toTest(condition.NOT, scope));
  return condition.IN ? isIn(condition.IN, scope) : () => false;
}

function every(tests: readonly Test[]): Test {
  return (payload, polarity) => {
    let truth: Truth = true;
    for (const test of tests) {
      const part = test(payload, polarity);
      if (part === false) return false;
      if (part === null) truth = null;
    }
    return truth;
  };
}

function some(tests: readonly Test[]): Test {
  return (payload, polarity) => {
    let truth: Truth = false;
    for (const test of tests) {
      const part = test(payload, polarity);
      if (part === true) return true;
      if (part === null) truth = null;
    }
    return truth;
  };
}

function not(test: Test): Test {
  return (payload, polarity) => {
    const truth = test(payload, !polarity);
    return truth === null ? null : !truth;
  };
}

function isIn({ fieldPath, values }: NonNullable<FilterCondition['IN']>, scope: TemplateScope): Test {
  const rendered = values.map((value) =>
    typeof value === 'string' ? render(value, scope) : { values: [toText(value)].filter((text) => text !== undefined) },
  );
  const allowed = new Set<Text>(rendered.flatMap((part) => part.values ?? []));
  const otherwise: Truth = rendered.some(({ absent }) => absent === 'claims') ? null : false;
  const vacuous = otherwise === false && rendered.length > 0 && rendered.every(({ absent }) => absent === 'args');
  if (vacuous) return (_payload, polarity) => polarity;
  const path = fieldPath.split('.');
  return (payload) => (holds(valueAt(payload, path), allowed) ? true : otherwise);
}

function holds(value: unknown, allowed: ReadonlySet<Text>): boolean {
  if (Array.isArray(value)) return value.some((member) => holds(member, allowed));
  const text = toText(value);
  return text !== undefined && allowed.has(text);
}
