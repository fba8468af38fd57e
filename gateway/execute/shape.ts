import type { GraphQLCompositeType, GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import { isCompositeType, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql';
import type { SelectedField, SelectionGroup } from './client-selection.ts';
import type { ErrorLog } from './error-log.ts';
import type { Failures } from './failures.ts';
import { completeLeaf, NOT_A_LEAF } from './leaf.ts';
import { possibleTypesOf } from './possible-types.ts';
import { isRecord, type JsonRecord, newRecord, ownValue } from './record.ts';

/** What shaping reads and writes. */
export interface Shaping {
  readonly schema: GraphQLSchema;
  readonly log: ErrorLog;
  readonly failures: Failures;
  /** Types the caller may not see, with the scopes that are missing. */
  readonly hiddenTypes: ReadonlyMap<string, readonly string[]>;
  /** Answers `__schema` and `__type`. */
  readonly introspect: (field: SelectedField) => unknown;
  /** Takes what is to be answered later of objects that are in the answer. */
  readonly later: LaterObject[];
}

/** An object of the answer of which something comes later. */
export interface LaterObject {
  readonly label: string | null;
  readonly group: SelectionGroup;
  readonly type: GraphQLObjectType;
  readonly source: JsonRecord;
  readonly path: readonly (string | number)[];
}

/** A null in a place that may not be null; whoever may be null above becomes null. Its error has been reported. */
const BUBBLE = Symbol('null in a non-null place');

/**
 * The answer a client asked for, out of what has been fetched: aliases, fragments, type conditions, leaf checks and null
 * propagation as the GraphQL specification says (§6.4). Null when a null reached the root.
 */
export function shapeAnswer(
  group: SelectionGroup,
  root: GraphQLObjectType,
  data: JsonRecord,
  shaping: Shaping,
): JsonRecord | null {
  return shapeLater({ label: null, group, type: root, source: data, path: [] }, shaping);
}

/** What comes later of an object, as `shapeAnswer` does it; null when a null reached the object. */
export function shapeLater({ group, type, source, path }: LaterObject, shaping: Shaping): JsonRecord | null {
  const known = shaping.later.length;
  const shaped = shapeObject(group, type, source, shaping, [...path]);
  if (shaped !== BUBBLE) return shaped;
  shaping.later.length = known;
  return null;
}

type Path = (string | number)[];

function shapeObject(
  group: SelectionGroup,
  type: GraphQLObjectType,
  source: JsonRecord,
  shaping: Shaping,
  path: Path,
): JsonRecord | typeof BUBBLE {
  const result = newRecord();
  for (const field of group.fieldsOn(type)) {
    path.push(field.key);
    const value = shapeField(field, type, source, shaping, path);
    path.pop();
    if (value === BUBBLE) return BUBBLE;
    result[field.key] = value;
  }
  for (const { label, group: rest } of group.deferredOn(type))
    shaping.later.push({ label, group: rest, type, source, path: [...path] });
  return result;
}

function shapeField(
  field: SelectedField,
  parent: GraphQLObjectType,
  source: JsonRecord,
  shaping: Shaping,
  path: Path,
): unknown {
  if (field.name.startsWith('__')) return field.name === '__typename' ? parent.name : shaping.introspect(field);
  if (field.denied) return isNonNullType(field.type) ? BUBBLE : null;
  const value = ownValue(source, field.source);
  if (value === undefined) {
    const failure = shaping.failures.find(source, field.source);
    if (failure) shaping.log.add({ ...failure, path: [...path] });
  }
  return complete(field.type, field, value, shaping, path);
}

function complete(
  type: GraphQLOutputType,
  field: SelectedField,
  value: unknown,
  shaping: Shaping,
  path: Path,
): unknown {
  if (!isNonNullType(type)) {
    const known = shaping.later.length;
    const completed = completeNullable(type, field, value, shaping, path);
    if (completed !== BUBBLE) return completed;
    // Nothing comes later of objects that are not in the answer.
    shaping.later.length = known;
    return null;
  }
  const completed = completeNullable(type.ofType, field, value, shaping, path);
  if (completed !== null) return completed;
  if (!shaping.log.explains(path))
    report(shaping, path, `Cannot return null for the non-nullable field ${field.name}.`);
  return BUBBLE;
}

function completeNullable(
  type: GraphQLOutputType,
  field: SelectedField,
  value: unknown,
  shaping: Shaping,
  path: Path,
): unknown {
  if (value === null || value === undefined) return null;
  if (isListType(type)) return completeList(type.ofType, field, value, shaping, path);
  if (isLeafType(type)) {
    const leaf = completeLeaf(type, value);
    return leaf === NOT_A_LEAF ? unfit(shaping, path, `a value of ${type.name}`) : leaf;
  }
  if (!isRecord(value) || !isCompositeType(type) || !field.below) return unfit(shaping, path, 'an object');
  const concrete = concreteType(type, field.below, value, shaping, path);
  return concrete && shapeObject(field.below, concrete, value, shaping, path);
}

function completeList(
  item: GraphQLOutputType,
  field: SelectedField,
  value: unknown,
  shaping: Shaping,
  path: Path,
): unknown {
  if (!Array.isArray(value)) return unfit(shaping, path, 'a list');
  const list: unknown[] = [];
  for (let index = 0; index < value.length; index += 1) {
    path.push(index);
    const completed = complete(item, field, value[index], shaping, path);
    path.pop();
    if (completed === BUBBLE) return BUBBLE;
    list.push(completed);
  }
  return list;
}

/** The object's type, by its `__typename` where the field's type is abstract. Null, with an error, when it cannot be shown. */
function concreteType(
  type: GraphQLCompositeType,
  below: SelectionGroup,
  value: JsonRecord,
  shaping: Shaping,
  path: Path,
): GraphQLObjectType | null {
  if (isObjectType(type)) return type;
  const { schema, hiddenTypes } = shaping;
  const possible = possibleTypesOf(schema, type);
  const typename = ownValue(value, '__typename');
  const told = possible.find(({ name }) => name === typename);
  // An interface object does not know its type, and nobody asked for it when the selection is the same for all types.
  const untold = typename === undefined || typename === type.name;
  const concrete = told ?? (untold && isSameForAll(below, possible, hiddenTypes) ? possible[0] : undefined);
  if (!concrete) return unfit(shaping, path, `an object of ${type.name}`);
  const missingScopes = hiddenTypes.get(concrete.name);
  if (!missingScopes) return concrete;
  const extensions = { code: 'FORBIDDEN', missingScopes };
  shaping.log.add({ message: 'This object may not be seen.', path: [...path], extensions });
  return null;
}

function unfit(shaping: Shaping, path: Path, expected: string): null {
  report(shaping, path, `A service did not answer with ${expected}.`);
  return null;
}

function report(shaping: Shaping, path: Path, message: string): void {
  shaping.log.add({ message, path: [...path], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } });
}

const alike = new WeakMap<SelectionGroup, boolean>();

/** Whether an object is shaped alike whichever of the types it is of. A group is about one abstract type only. */
function isSameForAll(
  group: SelectionGroup,
  possible: readonly GraphQLObjectType[],
  hiddenTypes: Shaping['hiddenTypes'],
): boolean {
  const known = alike.get(group);
  if (known !== undefined) return known;
  const [first, ...others] = possible.map((type) =>
    group.fieldsOn(type).map(({ key, name, nodes, type: of }) => ({ key, name, nodes, of: String(of) })),
  );
  const isAlike = (fields: typeof first) =>
    fields?.length === first?.length &&
    fields?.every((field, index) => {
      const other = first?.[index];
      return (
        field.name !== '__typename' &&
        field.key === other?.key &&
        field.of === other.of &&
        areSame(field.nodes, other.nodes)
      );
    });
  const result =
    possible.length === 1 || (!possible.some(({ name }) => hiddenTypes.has(name)) && [first, ...others].every(isAlike));
  alike.set(group, result);
  return result;
}

function areSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
