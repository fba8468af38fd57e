import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, GraphQLCompositeType, GraphQLNamedType, GraphQLSchema, SelectionSetNode } from 'graphql';
import { getNamedType, isCompositeType, isNonNullType, isObjectType, Kind, parse } from 'graphql';
import { fieldOf } from '../plan/field-of.ts';
import { type SelectionScope, selectedFields } from '../plan/selected-fields.ts';
import type { Failures } from './failures.ts';
import { isRecord, type JsonRecord, newRecord, ownValue } from './record.ts';
import { meetsTypeCondition } from './type-conditions.ts';

const primaries = new WeakMap<QueryPlan, DocumentNode>();

/** The operation of the fetch that an event stands in for, parsed once a plan; null unless the plan is a subscription's. */
export function primaryOf(plan: QueryPlan): DocumentNode | null {
  if (plan.node?.kind !== 'Subscription') return null;
  const primary = primaries.get(plan) ?? parse(plan.node.primary.operation, { noLocation: true });
  primaries.set(plan, primary);
  return primary;
}

type Projection = SelectionScope & { readonly failures: Failures };

/**
 * The data the primary fetch of a subscription would have answered, taken from an event's payload. `primary` is that
 * fetch's operation: the plan's rest relies on its aliases. The concrete type comes from the payload, since the operation
 * may not ask for it. What the payload lacks is null; a non-null field it lacks is put down as EVENT_INVALID, which also
 * becomes the reason of whatever cannot be fetched without it.
 */
export function projectEvent(options: {
  schema: GraphQLSchema;
  primary: DocumentNode;
  payload: Readonly<Record<string, unknown>>;
  variables: Readonly<Record<string, unknown>>;
  failures: Failures;
}): JsonRecord {
  const { schema, primary, payload, variables, failures } = options;
  const operation = primary.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fragments = primary.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const scope = { schema, variables, failures, fragments: new Map(fragments.map((node) => [node.name.value, node])) };
  const data = newRecord();
  const root = schema.getSubscriptionType();
  if (!operation || !root) return data;
  for (const { node } of selectedFields(operation.selectionSet, root, scope)) {
    const field = fieldOf(schema, root, node.name.value);
    if (!field) continue;
    data[node.alias?.value ?? node.name.value] = projectValue(
      getNamedType(field.type),
      payload,
      node.selectionSet,
      scope,
    );
  }
  return data;
}

function projectValue(
  type: GraphQLNamedType,
  value: unknown,
  set: SelectionSetNode | undefined,
  projection: Projection,
): unknown {
  if (!set || value === null || value === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((item) => projectValue(type, item, set, projection));
  return isRecord(value) && isCompositeType(type) ? projectObject(type, value, set, projection) : null;
}

function projectObject(
  type: GraphQLCompositeType,
  value: JsonRecord,
  set: SelectionSetNode,
  projection: Projection,
): JsonRecord {
  const { schema } = projection;
  const result = newRecord();
  const typename = ownValue(value, '__typename') ?? (isObjectType(type) ? type.name : undefined);
  if (typename !== undefined) result['__typename'] = typename;
  const concrete = typeof typename === 'string' ? schema.getType(typename) : undefined;
  const known = isObjectType(concrete) ? concrete : type;
  const typed = { ...projection, applies: (condition: string) => meetsTypeCondition(schema, typename, condition) };
  for (const { node } of selectedFields(set, known, typed)) {
    const name = node.name.value;
    const key = node.alias?.value ?? name;
    if (name === '__typename') result[key] = typename;
    else projectField(result, { key, name, set: node.selectionSet }, known, value, projection);
  }
  return result;
}

function projectField(
  result: JsonRecord,
  selected: { key: string; name: string; set: SelectionSetNode | undefined },
  parent: GraphQLCompositeType,
  value: JsonRecord,
  projection: Projection,
): void {
  const { key, name, set } = selected;
  const field = fieldOf(projection.schema, parent, name);
  if (!field) return;
  const projected = projectValue(getNamedType(field.type), ownValue(value, name), set, projection);
  if (projected !== null || !isNonNullType(field.type)) {
    result[key] = merge(ownValue(result, key), projected);
    return;
  }
  const message = `The event lacks ${parent.name}.${name}.`;
  projection.failures.record(result, new Set([key]), { message, extensions: { code: 'EVENT_INVALID' } });
}

/** A field may be selected several times, each time with selections of its own. */
function merge(known: unknown, projected: unknown): unknown {
  if (Array.isArray(known) && Array.isArray(projected))
    return projected.map((item, index) => merge(known[index], item));
  if (!isRecord(known) || !isRecord(projected)) return projected;
  for (const [key, value] of Object.entries(projected)) known[key] = merge(ownValue(known, key), value);
  return known;
}
