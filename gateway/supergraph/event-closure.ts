import {
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { directivesOf, graphsOf, isFalse, textArgument } from './join-directives.ts';

/** What a graph of events holds of a type. */
export interface Share {
  /** Of an entity: the key events carry. Null for a type that comes whole. */
  readonly key: string | null;
  readonly fields: ReadonlySet<string>;
}

/** What events of some fields carry: entities by key, everything else whole. */
export interface EventClosure {
  readonly shares: ReadonlyMap<string, Share>;
  /** Whether one of its entities could be resolved by the graph that declares the fields. */
  readonly resolvable: boolean;
}

const SIMPLE_KEY = /^\s*\w+(\s+\w+)*\s*$/;

/** Name of the type within lists and non-nulls. */
export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/**
 * What events of a Subscription field carry when it is declared in `graph`. Null when they cannot be told apart from the
 * entity: a key with nested fields, or an interface.
 */
export function closureOf(
  field: FieldDefinitionNode,
  graph: string,
  types: ReadonlyMap<string, TypeDefinitionNode>,
): EventClosure | null {
  const shares = new Map<string, Share>();
  let resolvable = false;

  function include(name: string): boolean {
    const type = types.get(name);
    if (!type || shares.has(name)) return true;
    if (type.kind === Kind.OBJECT_TYPE_DEFINITION) return includeObject(type);
    if (type.kind === Kind.INTERFACE_TYPE_DEFINITION) return false;
    shares.set(name, { key: null, fields: new Set() });
    if (type.kind === Kind.UNION_TYPE_DEFINITION)
      return (type.types ?? []).every((member) => include(member.name.value));
    return type.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION || includeInputs(type.fields ?? []);
  }

  function includeObject(type: ObjectTypeDefinitionNode): boolean {
    const joined = directivesOf(type, 'join__type').filter((join) => textArgument(join, 'graph') === graph);
    const keys = joined.filter((join) => textArgument(join, 'key') !== undefined);
    const join = keys.find((candidate) => SIMPLE_KEY.test(textArgument(candidate, 'key') ?? ''));
    if (keys.length > 0 && !join) return false;
    resolvable ||= keys.some((candidate) => !isFalse(candidate, 'resolvable'));
    const key = (join && textArgument(join, 'key')?.trim()) ?? null;
    const names = key?.split(/\s+/);
    const fields = (type.fields ?? []).filter((candidate) =>
      names ? names.includes(candidate.name.value) : isIn(candidate, graph),
    );
    shares.set(type.name.value, { key, fields: new Set(fields.map(({ name }) => name.value)) });
    return fields.every((candidate) => includeInputs(candidate.arguments ?? []) && include(namedType(candidate.type)));
  }

  function includeInputs(inputs: readonly InputValueDefinitionNode[]): boolean {
    return inputs.every(({ type }) => include(namedType(type)));
  }

  const complete = includeInputs(field.arguments ?? []) && include(namedType(field.type));
  return complete ? { shares, resolvable } : null;
}

function isIn(field: FieldDefinitionNode, graph: string): boolean {
  const graphs = graphsOf(field, 'join__field');
  return graphs.length === 0 || graphs.includes(graph);
}
