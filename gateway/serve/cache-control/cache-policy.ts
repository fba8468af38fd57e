import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { CacheHints } from './cache-hints.ts';

/** For how long an answer may be kept, and by whom. */
export interface CachePolicy {
  /** Seconds, over 0. */
  readonly maxAge: number;
  /** Only the caller's own cache may keep it. */
  readonly isPrivate: boolean;
}

type Field = GraphQLField<unknown, unknown>;

/**
 * The policy of an operation: the least `maxAge` of its fields, private as soon as one is. As in Apollo Server a root field, and
 * any field of a composite type, without a hint of its own or of its type is not to be kept; a leaf counts with its parent;
 * `inheritMaxAge` makes any field count so. A field of an interface counts with the hints of every implementer. Conditions
 * (`@skip`, `@include`) are taken as if everything were asked for. Null when the answer must not be kept.
 */
export function cachePolicyOf(options: {
  readonly schema: GraphQLSchema;
  readonly hints: CacheHints;
  readonly document: DocumentNode;
  readonly name: string | null;
}): CachePolicy | null {
  const { schema, hints, document, name } = options;
  const definitions = document.definitions.filter(
    (node) => node.kind === Kind.FRAGMENT_DEFINITION || isChosen(node as OperationDefinitionNode, name),
  );
  const info = new TypeInfo(schema);
  let maxAge = Number.POSITIVE_INFINITY;
  let isPrivate = false;
  const visitor = visitWithTypeInfo(info, {
    Field() {
      const [parent, field] = [info.getParentType(), info.getFieldDef()];
      if (!parent || !field || field.name.startsWith('__')) return;
      const hint = hintOfField(parent, field, schema, hints);
      maxAge = Math.min(maxAge, hint.maxAge);
      isPrivate ||= hint.isPrivate;
    },
  });
  // Fragments that the operation does not use would have been refused by validation, so all of them count.
  visit({ ...document, definitions }, visitor);
  return maxAge > 0 && Number.isFinite(maxAge) ? { maxAge, isPrivate } : null;
}

function isChosen(node: OperationDefinitionNode, name: string | null): boolean {
  return node.kind === Kind.OPERATION_DEFINITION && (name === null || node.name?.value === name);
}

function hintOfField(parent: GraphQLNamedType, field: Field, schema: GraphQLSchema, hints: CacheHints): CachePolicy {
  const owners: readonly GraphQLNamedType[] = isInterfaceType(parent)
    ? [parent, ...schema.getPossibleTypes(parent)]
    : [parent];
  const ofFields = owners.map((owner) => hints.get(`${owner.name}.${field.name}`));
  const type = getNamedType(field.type);
  const ofTypes = typesOf(type, schema).map(({ name }) => hints.get(name));
  const told = [...ofFields, ...(ofFields.some((hint) => hint && hint.maxAge !== null) ? [] : ofTypes)];
  const ages = told.flatMap((hint) => hint?.maxAge ?? []);
  const inherits = told.some((hint) => hint?.inheritMaxAge);
  const isRoot = isObjectType(parent) && isRootType(parent, schema);
  const unhinted = (isRoot || isCompositeType(type)) && !inherits ? 0 : Number.POSITIVE_INFINITY;
  return {
    maxAge: ages.length > 0 ? Math.min(...ages) : unhinted,
    isPrivate: [...ofFields, ...ofTypes].some((hint) => hint?.isPrivate),
  };
}

/** A composite type and what may stand in for it. */
function typesOf(type: GraphQLNamedType, schema: GraphQLSchema): readonly GraphQLNamedType[] {
  return isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type];
}

function isRootType(type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType();
}
