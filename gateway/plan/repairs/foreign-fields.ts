import type { CompositeType, FieldDefinition, Schema } from '@apollo/federation-internals';
import {
  baseType,
  federationMetadata,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from '@apollo/federation-internals';
import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { parseFieldSet } from '../../supergraph/repairs/field-sets.ts';
import { mapFetches } from './map-plan.ts';

/** A subgraph as the planner sees it. */
export type SchemaOf = (subgraph: string) => Schema | undefined;

/**
 * Where a plan asks a subgraph for what that subgraph has as `@external` only, as `subgraph: Type.field`. Empty for a right
 * plan: `@external` fields may be asked for below a field that `@provides` them, and nowhere else. Such a plan must not run: the
 * subgraph would compute with what it does not know.
 */
export function listForeignFields(plan: QueryPlan, schemaOf: SchemaOf): string[] {
  const found = new Set<string>();
  mapFetches(plan, (fetch) => {
    for (const coordinate of foreignIn(fetch, schemaOf(fetch.serviceName)))
      found.add(`${fetch.serviceName}: ${coordinate}`);
    return [fetch];
  });
  return [...found];
}

function foreignIn({ operation, operationKind }: FetchNode, schema: Schema | undefined): string[] {
  const metadata = schema && federationMetadata(schema);
  const document = parse(operation, { noLocation: true });
  const root = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)?.selectionSet;
  if (!metadata || !root) return [];
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const found: string[] = [];
  const walk = (set: SelectionSetNode, type: CompositeType, provided: readonly SelectionSetNode[]): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) walkField(node, type, provided);
      else {
        const named = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
        if (named) walk(named.selectionSet, typeNamed(schema, named.typeCondition?.name.value) ?? type, provided);
      }
    }
  };
  const walkField = (node: FieldNode, type: CompositeType, provided: readonly SelectionSetNode[]): void => {
    const field = fieldOf(type, node.name.value);
    if (!field) return;
    const here = provided.flatMap((fieldSet) => fieldsNamed(node.name.value, fieldSet));
    if (metadata.isFieldExternal(field) && here.length === 0) found.push(field.coordinate);
    const inner = field.type && baseType(field.type);
    if (!node.selectionSet || !inner || !isCompositeType(inner)) return;
    const own = field.appliedDirectivesOf(metadata.providesDirective());
    walk(node.selectionSet, inner, [
      ...here.flatMap(({ selectionSet }) => selectionSet ?? []),
      ...own.map((directive) => parseFieldSet(directive.arguments().fields)),
    ]);
  };
  const rootType = schema.schemaDefinition.rootType(operationKind);
  if (rootType) walk(root, rootType, []);
  return found;
}

function typeNamed(schema: Schema, name: string | undefined): CompositeType | undefined {
  const type = name === undefined ? undefined : schema.type(name);
  return type && isCompositeType(type) ? type : undefined;
}

/** Unions have only `__typename`, which is nobody's. */
function fieldOf(type: CompositeType, name: string): FieldDefinition<CompositeType> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.field(name) : undefined;
}

/** Fields of a name in a field set, on whatever type. */
function fieldsNamed(name: string, { selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((node): FieldNode[] => {
    if (node.kind === Kind.FIELD) return node.name.value === name ? [node] : [];
    return node.kind === Kind.INLINE_FRAGMENT ? fieldsNamed(name, node.selectionSet) : [];
  });
}
