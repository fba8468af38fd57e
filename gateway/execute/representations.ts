import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { mergeInto } from './merge.ts';
import { isRecord, type JsonRecord, newRecord, ownValue } from './record.ts';
import { meetsTypeCondition } from './type-conditions.ts';

/** What became of the attempt to represent one object to a subgraph. */
export type Representation =
  | { readonly kind: 'built'; readonly value: JsonRecord }
  /** No requirement speaks of this object's type: there is nothing to ask. */
  | { readonly kind: 'none' }
  /** A required field of `record` (the object itself or one inside it) never arrived. */
  | ({ readonly kind: 'missing' } & Missing);

interface Missing {
  readonly record: JsonRecord;
  readonly key: string;
}

/** Builds the representation of `source` that a fetch requires: keys and `@requires` fields, and nothing else. */
export function represent(
  schema: GraphQLSchema,
  source: JsonRecord,
  requires: readonly QueryPlanSelectionNode[],
): Representation {
  const missing: Missing[] = [];
  const value = project(schema, source, requires, missing);
  const [first] = missing;
  if (first) return { kind: 'missing', ...first };
  return typeof value['__typename'] === 'string' ? { kind: 'built', value } : { kind: 'none' };
}

function project(
  schema: GraphQLSchema,
  source: JsonRecord,
  selections: readonly QueryPlanSelectionNode[],
  missing: Missing[],
): JsonRecord {
  const result = newRecord();
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const key = selection.alias ?? selection.name;
      const value = ownValue(source, key);
      if (value === undefined) missing.push({ record: source, key });
      else result[key] = projectValue(schema, value, selection.selections, missing);
    } else if (
      !selection.typeCondition ||
      meetsTypeCondition(schema, ownValue(source, '__typename'), selection.typeCondition)
    )
      mergeInto(result, project(schema, source, selection.selections, missing));
  }
  return result;
}

function projectValue(
  schema: GraphQLSchema,
  value: unknown,
  selections: readonly QueryPlanSelectionNode[] | undefined,
  missing: Missing[],
): unknown {
  if (!selections) return value;
  if (Array.isArray(value)) return value.map((item) => projectValue(schema, item, selections, missing));
  return isRecord(value) ? project(schema, value, selections, missing) : value;
}
