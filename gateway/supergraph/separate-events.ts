import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  GraphQLError,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type TypeDefinitionNode,
} from 'graphql';
import { closureOf, type Share } from './event-closure.ts';
import { readEventSources } from './event-sources.ts';
import { directivesOf, graphsOf, textArgument, toDirective } from './join-directives.ts';

type AnyField = FieldDefinitionNode | InputValueDefinitionNode;

/**
 * A supergraph in which event-driven fields come from a graph of their own that knows entities by key alone. A subgraph may
 * declare such a field beside the entity it owns; the planner would then take all of the entity from the event, which
 * carries no more than its key. Fields whose subgraph has stubs only (Cosmo's form) are left as they are; so is SDL without any.
 */
export function separateEvents(supergraphSdl: string): string {
  const document = parseOrNull(supergraphSdl);
  if (!document) return supergraphSdl;
  const sources = readEventSources(supergraphSdl);
  const types = new Map(document.definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]));
  const root = types.get(rootName(document));
  if (root?.kind !== Kind.OBJECT_TYPE_DEFINITION) return supergraphSdl;
  const shares = new Map<string, Share>();
  const moved = new Set<string>();
  for (const field of root.fields ?? []) {
    const [graph] = [...graphsOf(field, 'join__field'), ...graphsOf(root, 'join__type')];
    const closure = sources.has(field.name.value) && graph ? closureOf(field, graph, types) : null;
    if (!closure?.resolvable) continue;
    moved.add(field.name.value);
    for (const [name, share] of closure.shares) shares.set(name, merged(shares.get(name), share));
  }
  return moved.size === 0 ? supergraphSdl : print(rewrite(document, root, moved, shares));
}

/** Null for SDL without event-driven fields, and for text that is not SDL: whoever loads it says so. */
function parseOrNull(sdl: string): DocumentNode | null {
  if (!sdl.includes('@edfs__kafkaSubscribe')) return null;
  try {
    return parse(sdl, { noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

function merged(known: Share | undefined, { key, fields }: Share): Share {
  return { key: known?.key ?? key, fields: new Set([...(known?.fields ?? []), ...fields]) };
}

function rootName(document: DocumentNode): string {
  const operations = document.definitions
    .filter((definition) => definition.kind === Kind.SCHEMA_DEFINITION)
    .flatMap(({ operationTypes }) => operationTypes);
  return operations.find(({ operation }) => operation === 'subscription')?.type.name.value ?? 'Subscription';
}

function rewrite(
  document: DocumentNode,
  root: ObjectTypeDefinitionNode,
  moved: ReadonlySet<string>,
  shares: ReadonlyMap<string, Share>,
): DocumentNode {
  const graph = freeGraphName(document);
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (definition === root) return withMovedFields(root, moved, graph);
      if (!isTypeDefinitionNode(definition)) return definition;
      if (definition.name.value === 'join__Graph') return withGraph(definition, graph);
      const share = shares.get(definition.name.value);
      return share ? withShare(definition, share, graph) : definition;
    }),
  };
}

function graphEnum(document: DocumentNode) {
  return document.definitions
    .filter((definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION)
    .find(({ name }) => name.value === 'join__Graph');
}

function freeGraphName(document: DocumentNode): string {
  const taken = new Set((graphEnum(document)?.values ?? []).map(({ name }) => name.value));
  let name = 'EVENTS_OF_BUS';
  while (taken.has(name)) name += '_';
  return name;
}

function withGraph(definition: TypeDefinitionNode, graph: string): TypeDefinitionNode {
  if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) return definition;
  const text = `enum X { ${graph} @join__graph(name: "${graph.toLowerCase()}", url: "") }`;
  const [added] = parse(text, { noLocation: true }).definitions;
  const values = added?.kind === Kind.ENUM_TYPE_DEFINITION ? (added.values ?? []) : [];
  return { ...definition, values: [...(definition.values ?? []), ...values] };
}

/** Moved fields belong to the new graph alone; graphs left without a field leave the root type. */
function withMovedFields(
  root: ObjectTypeDefinitionNode,
  moved: ReadonlySet<string>,
  graph: string,
): ObjectTypeDefinitionNode {
  const graphs = graphsOf(root, 'join__type');
  const fields = (root.fields ?? []).map((field) =>
    moved.has(field.name.value)
      ? { ...field, directives: [toDirective(`@join__field(graph: ${graph})`), ...withoutJoin(field)] }
      : pinned(field, graphs),
  );
  const used = new Set(fields.flatMap((field) => graphsOf(field, 'join__field')));
  const directives = (root.directives ?? []).filter(
    (directive) => directive.name.value !== 'join__type' || used.has(textArgument(directive, 'graph') ?? ''),
  );
  return { ...root, fields, directives: [...directives, toDirective(`@join__type(graph: ${graph})`)] };
}

function withoutJoin(field: FieldDefinitionNode): ConstDirectiveNode[] {
  return (field.directives ?? []).filter(({ name }) => name.value !== 'join__field');
}

/** A field without `@join__field` is of all its type's graphs: it is tied to those there were. */
function pinned<Field extends AnyField>(field: Field, graphs: readonly string[]): Field {
  if (directivesOf(field, 'join__field').length > 0) return field;
  const ties = graphs.map((name) => toDirective(`@join__field(graph: ${name})`));
  return { ...field, directives: [...(field.directives ?? []), ...ties] };
}

/** A field that the new graph has too: without `@join__field` it has it already. */
function shared<Field extends AnyField>(field: Field, graph: string): Field {
  if (directivesOf(field, 'join__field').length === 0) return field;
  return { ...field, directives: [...(field.directives ?? []), toDirective(`@join__field(graph: ${graph})`)] };
}

function withShare(type: TypeDefinitionNode, { key, fields }: Share, graph: string): TypeDefinitionNode {
  const graphs = graphsOf(type, 'join__type');
  const join =
    key === null ? `@join__type(graph: ${graph})` : `@join__type(graph: ${graph}, key: "${key}", resolvable: false)`;
  const directives = [...(type.directives ?? []), toDirective(join)];
  switch (type.kind) {
    case Kind.OBJECT_TYPE_DEFINITION: {
      const held = (field: FieldDefinitionNode) =>
        fields.has(field.name.value) ? shared(field, graph) : pinned(field, graphs);
      return { ...type, directives, fields: (type.fields ?? []).map(held) };
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return { ...type, directives, fields: (type.fields ?? []).map((field) => shared(field, graph)) };
    case Kind.ENUM_TYPE_DEFINITION: {
      const value = toDirective(`@join__enumValue(graph: ${graph})`);
      const values = (type.values ?? []).map((node) => ({ ...node, directives: [...(node.directives ?? []), value] }));
      return { ...type, directives, values };
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const members = (type.types ?? []).map(({ name }) =>
        toDirective(`@join__unionMember(graph: ${graph}, member: "${name.value}")`),
      );
      return { ...type, directives: [...directives, ...members] };
    }
    default:
      return { ...type, directives };
  }
}
