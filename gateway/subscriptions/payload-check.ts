import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { PreparedOperation } from '../engine.ts';
import type { RootField } from './root-field.ts';

/** The path of what is missing or wrong, or null. */
type Fault = string | null;

/**
 * Whether an event's payload can drive an operation, told before anything is executed: its `__typename` fits the field, and
 * what the plan takes from it (keys above all) is there. Answers the path of what is missing or wrong, or null.
 */
export function createPayloadCheck(
  schema: GraphQLSchema,
  operation: PreparedOperation,
  field: RootField,
): (payload: Readonly<Record<string, unknown>>) => Fault {
  const selections = primarySelections(operation);
  return (payload) => checkObject(schema, payload, field.definition.type, selections, '');
}

/** What the plan's primary fetch would have selected of the root field. */
function primarySelections(operation: PreparedOperation): readonly SelectionNode[] {
  const node = operation.plan?.node;
  if (node?.kind !== 'Subscription') return [];
  const [definition] = parse(node.primary.operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return [];
  const root = definition.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
  return selectionsOf(root?.selectionSet);
}

function selectionsOf(selectionSet: SelectionSetNode | undefined): readonly SelectionNode[] {
  return selectionSet?.selections ?? [];
}

function checkObject(
  schema: GraphQLSchema,
  value: unknown,
  declared: GraphQLOutputType,
  selections: readonly SelectionNode[],
  path: string,
): Fault {
  if (!isRecord(value)) return path;
  const type = concreteType(schema, value['__typename'], declared);
  return type ? checkSelections(schema, value, type, selections, path) : join(path, '__typename');
}

function concreteType(schema: GraphQLSchema, name: unknown, declared: GraphQLOutputType): GraphQLObjectType | null {
  const type = getNamedType(declared);
  if (isObjectType(type)) return name === undefined || name === type.name ? type : null;
  const concrete = typeof name === 'string' ? schema.getType(name) : undefined;
  return isAbstractType(type) && isObjectType(concrete) && schema.isSubType(type, concrete) ? concrete : null;
}

function checkSelections(
  schema: GraphQLSchema,
  value: Record<string, unknown>,
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
  path: string,
): Fault {
  for (const selection of selections) {
    let fault: Fault = null;
    if (selection.kind === Kind.FIELD) {
      const { name, selectionSet } = selection;
      fault = checkField(schema, value, type, { name: name.value, selections: selectionsOf(selectionSet) }, path);
    } else if (selection.kind === Kind.INLINE_FRAGMENT && applies(schema, selection.typeCondition?.name.value, type)) {
      fault = checkSelections(schema, value, type, selectionsOf(selection.selectionSet), path);
    }
    if (fault !== null) return fault;
  }
  return null;
}

function checkField(
  schema: GraphQLSchema,
  parent: Record<string, unknown>,
  type: GraphQLObjectType,
  { name, selections }: { name: string; selections: readonly SelectionNode[] },
  path: string,
): Fault {
  // A field that clients cannot see (@inaccessible) is not in this schema; the engine meets it.
  const definition = type.getFields()[name];
  if (!definition) return null;
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
  const at = join(path, name);
  if (value === undefined || value === null) return isNonNullType(definition.type) ? at : null;
  if (selections.length === 0) return null;
  const items = Array.isArray(value) ? value.filter((item) => item !== null) : [value];
  const faults = items.map((item) => checkObject(schema, item, definition.type, selections, at));
  return faults.find((fault) => fault !== null) ?? null;
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
