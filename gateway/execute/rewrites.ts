import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isRecord, type JsonRecord, ownValue, setOwn } from './record.ts';
import { meetsTypeCondition } from './type-conditions.ts';

type Rewrite = NonNullable<FetchNode['inputRewrites']>[number];

const TYPE_CONDITION = '... on ';

/**
 * Changes the planner asks for on what is sent to or came from a subgraph: setting a value (the `__typename` of an
 * interface object) and renaming a key (an alias it made up). Paths mix keys and `... on Type`; lists are looked through.
 * Changes `value` in place. An object without `__typename` counts as of any type.
 */
export function applyRewrites(schema: GraphQLSchema, rewrites: readonly Rewrite[], value: unknown): void {
  for (const rewrite of rewrites) {
    const key = rewrite.path.at(-1);
    if (key === undefined) continue;
    visitAt(schema, rewrite.path.slice(0, -1), value, (record) => rewriteKey(record, key, rewrite));
  }
}

function rewriteKey(record: JsonRecord, key: string, rewrite: Rewrite): void {
  if (rewrite.kind === 'ValueSetter') {
    setOwn(record, key, rewrite.setValueTo);
    return;
  }
  const value = ownValue(record, key);
  if (value === undefined) return;
  delete record[key];
  setOwn(record, rewrite.renameKeyTo, value);
}

function visitAt(
  schema: GraphQLSchema,
  path: readonly string[],
  value: unknown,
  change: (record: JsonRecord) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visitAt(schema, path, item, change);
    return;
  }
  if (!isRecord(value)) return;
  const [head, ...rest] = path;
  if (head === undefined) change(value);
  else if (!head.startsWith(TYPE_CONDITION)) visitAt(schema, rest, ownValue(value, head), change);
  else if (fits(schema, value, head.slice(TYPE_CONDITION.length))) visitAt(schema, rest, value, change);
}

function fits(schema: GraphQLSchema, record: JsonRecord, condition: string): boolean {
  const typename = ownValue(record, '__typename');
  return typename === undefined || meetsTypeCondition(schema, typename, condition);
}
