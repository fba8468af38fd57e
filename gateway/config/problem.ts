import type { z } from 'zod';
import { gatewayConfigJsonSchema, type JsonSchema, schemasAt } from './json-schema.ts';

/** What is wrong with a configuration, and where. */
export interface ConfigProblem {
  readonly path: readonly PropertyKey[];
  /** What was expected; never what was there, which may be a secret. */
  readonly expected: string;
}

type Issue = z.core.$ZodIssue;

/** The first problem of a configuration that did not pass. */
export function toProblem(issue: Issue): ConfigProblem {
  const { path, ...inner } = innermost(issue, []);
  if (inner.issue.code === 'unrecognized_keys') {
    const [key = ''] = inner.issue.keys;
    return { path: [...path, key], expected: `${unknown(path, key)}` };
  }
  if (inner.issue.code === 'invalid_union') return { path, expected: `expected ${kindsAt(path)}` };
  return { path, expected: toExpectation(inner.issue.message) };
}

/** Of the branches of a union the one that has least against it: it is what was meant. */
function innermost(issue: Issue, above: readonly PropertyKey[]): { issue: Issue; path: readonly PropertyKey[] } {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union') return { issue, path };
  const [meant] = issue.errors
    .filter(([first]) => first !== undefined && !isWrongKind(first))
    .sort((one, other) => one.length - other.length);
  return meant?.[0] ? innermost(meant[0], path) : { issue, path };
}

function isWrongKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function toExpectation(message: string): string {
  const expectation = /expected .*/.exec(message)?.[0] ?? message;
  return expectation.replace(/, received .*/, '');
}

function kindsAt(path: readonly PropertyKey[]): string {
  const kinds = schemasAt(gatewayConfigJsonSchema(), path).map(({ type, const: value }) =>
    value === undefined ? (type ?? 'value') : String(value),
  );
  return [...new Set(kinds)].join(' or ');
}

function unknown(path: readonly PropertyKey[], key: string): string {
  const known = schemasAt(gatewayConfigJsonSchema(), path).flatMap(({ properties = {} }: JsonSchema) =>
    Object.keys(properties),
  );
  const [nearest] = [...known].sort((one, other) => distance(key, one) - distance(key, other));
  const isNear = nearest !== undefined && distance(key, nearest) <= Math.max(2, key.length / 3);
  return isNear ? `is not known here; did you mean ${nearest}?` : `is not known here; expected ${known.join(', ')}`;
}

/** Levenshtein's, letters of either case alike. */
function distance(one: string, other: string): number {
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
