import type { CompositeType, FederationMetadata, FieldDefinition, Schema } from '@apollo/federation-internals';
import {
  baseType,
  federationMetadata,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from '@apollo/federation-internals';
import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { parseFieldSet } from '../../supergraph/repairs/field-sets.ts';
import { mapFetches } from './map-plan.ts';

/** A subgraph as the planner sees it. */
export type SchemaOf = (subgraph: string) => Schema | undefined;

/**
 * Where a plan would bring wrong data, as `subgraph: Type.field`; empty for a right plan. Such a plan must not run.
 *
 * What the planner gets wrong, with requirements to and fro between two subgraphs: (1) it asks a subgraph for what that one has
 * as `@external` only; that is right below a field that `@provides` it, and nowhere else. (2) It asks for a field with
 * `@requires` without handing over what is required, because it merged the fetch into an earlier one. The subgraph would compute
 * with what it does not know.
 */
export function listUnsoundFields(plan: QueryPlan, schemaOf: SchemaOf): string[] {
  const found = new Set<string>();
  mapFetches(plan, (fetch) => {
    const schema = schemaOf(fetch.serviceName);
    for (const coordinate of schema ? unsoundIn(fetch, schema) : []) found.add(`${fetch.serviceName}: ${coordinate}`);
    return [fetch];
  });
  return [...found];
}

type Field = FieldDefinition<CompositeType>;

/** What a subgraph knows of an object beyond its own fields. */
interface Known {
  /** Names of fields that the fetch hands over with the entity. */
  readonly told: ReadonlySet<string>;
  /** What a field above provides. */
  readonly provided: readonly SelectionSetNode[];
}

const NOTHING: Known = { told: new Set(), provided: [] };

function unsoundIn({ operation, operationKind, requires = [] }: FetchNode, schema: Schema): string[] {
  const metadata = federationMetadata(schema);
  const document = parse(operation, { noLocation: true });
  const root = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)?.selectionSet;
  const rootType = schema.schemaDefinition.rootType(operationKind);
  if (!metadata || !root || !rootType) return [];
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const found: string[] = [];
  const entity: Known = { told: namesIn(requires), provided: [] };
  const isKnown = (field: Field, { told, provided }: Known) =>
    told.has(field.name) ||
    !metadata.isFieldExternal(field) ||
    provided.some((set) => fieldsNamed(field.name, set).length > 0);

  const walk = (set: SelectionSetNode, type: CompositeType, known: Known): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) walkField(node, type, known);
      else {
        const named = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
        if (named) walk(named.selectionSet, typeNamed(schema, named.typeCondition?.name.value) ?? type, known);
      }
    }
  };
  const walkField = (node: FieldNode, type: CompositeType, known: Known): void => {
    const field = fieldOf(type, node.name.value);
    if (!field) return;
    const inputs = requirementsOf(field, metadata).map((name) => fieldOf(type, name));
    const isSound =
      isKnown(field, { ...known, told: NOTHING.told }) && inputs.every((input) => !input || isKnown(input, known));
    if (!isSound) found.push(field.coordinate);
    const inner = field.type && baseType(field.type);
    if (!node.selectionSet || !inner || !isCompositeType(inner)) return;
    const isEntities = type === rootType && field.name === '_entities';
    walk(
      node.selectionSet,
      inner,
      isEntities ? entity : { ...NOTHING, provided: providedBelow(field, known, metadata) },
    );
  };
  walk(root, rootType, NOTHING);
  return found;
}

/** Names of what a field requires, outermost only: below them the planner forgets nothing. */
function requirementsOf(field: Field, metadata: FederationMetadata): string[] {
  return field
    .appliedDirectivesOf(metadata.requiresDirective())
    .flatMap((directive) => outermostNames(parseFieldSet(directive.arguments().fields)));
}

function outermostNames({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node.name.value];
    return node.kind === Kind.INLINE_FRAGMENT ? outermostNames(node.selectionSet) : [];
  });
}

function providedBelow(field: Field, { provided }: Known, metadata: FederationMetadata): SelectionSetNode[] {
  const above = provided
    .flatMap((set) => fieldsNamed(field.name, set))
    .flatMap(({ selectionSet }) => selectionSet ?? []);
  const own = field.appliedDirectivesOf(metadata.providesDirective());
  return [...above, ...own.map((directive) => parseFieldSet(directive.arguments().fields))];
}

function namesIn(selections: readonly QueryPlanSelectionNode[]): Set<string> {
  return new Set(
    selections.flatMap((node) => (node.kind === 'InlineFragment' ? [...namesIn(node.selections)] : [node.name])),
  );
}

function typeNamed(schema: Schema, name: string | undefined): CompositeType | undefined {
  const type = name === undefined ? undefined : schema.type(name);
  return type && isCompositeType(type) ? type : undefined;
}

/** Unions have only `__typename`, which is nobody's. */
function fieldOf(type: CompositeType, name: string): Field | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.field(name) : undefined;
}

/** Fields of a name in a field set, on whatever type. */
function fieldsNamed(name: string, { selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((node): FieldNode[] => {
    if (node.kind === Kind.FIELD) return node.name.value === name ? [node] : [];
    return node.kind === Kind.INLINE_FRAGMENT ? fieldsNamed(name, node.selectionSet) : [];
  });
}
