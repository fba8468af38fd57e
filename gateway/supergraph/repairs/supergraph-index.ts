import type {
  DocumentNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  TypeNode,
} from 'graphql';
import { Kind } from 'graphql';
import { directivesOf, textArgument } from '../join-directives.ts';

/** A type of a supergraph that has fields. */
export type FieldedType = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** Lookups in a supergraph document. */
export interface SupergraphIndex {
  readonly types: ReadonlyMap<string, FieldedType>;
  field(type: string, name: string): FieldDefinitionNode | undefined;
  /** The type, the interfaces it implements, and whatever implements one of them. */
  family(type: string): readonly FieldedType[];
  /** Names of subgraphs by what `@join__field(graph:)` calls them. */
  readonly graphNames: ReadonlyMap<string, string>;
}

/** Indexes a supergraph document. */
export function indexSupergraph(document: DocumentNode): SupergraphIndex {
  const fielded = document.definitions.filter(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION,
  );
  const types = new Map(fielded.map((type) => [type.name.value, type]));
  return {
    types,
    field: (type, name) => types.get(type)?.fields?.find((field) => field.name.value === name),
    family(type) {
      const members = new Set([type, ...namesOfInterfaces(types.get(type))]);
      return fielded.filter(
        (one) => members.has(one.name.value) || namesOfInterfaces(one).some((name) => members.has(name)),
      );
    },
    graphNames: graphNamesOf(document),
  };
}

/** The name of a type without lists and exclamation marks. */
export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

function namesOfInterfaces(type: FieldedType | undefined): string[] {
  return (type?.interfaces ?? []).map(({ name }) => name.value);
}

function graphNamesOf(document: DocumentNode): Map<string, string> {
  const graphs = document.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return new Map(
    values.flatMap((value) => {
      const [directive] = directivesOf(value, 'join__graph');
      const name = directive && textArgument(directive, 'name');
      return name === undefined ? [] : [[value.name.value, name] as const];
    }),
  );
}
