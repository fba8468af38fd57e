import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { missingScopes } from '../../lib/identity.ts';
import type { ScopeRequirement } from '../../lib/scope-directives.ts';

type Field = GraphQLField<unknown, unknown>;
/** A field as it is selected: its coordinate decides who may read it. */
interface Selected {
  readonly coordinate: string;
  readonly field: Field;
  readonly children: readonly Selected[];
}

/** A query that selects every field of one object type. */
export interface TypeQuery {
  readonly type: string;
  /** Fields from Query to the type. */
  readonly path: readonly string[];
  readonly selections: readonly Selected[];
}

const namedTypeOf = ({ type }: Field) => getNamedType(type);
const needsArguments = ({ args }: Field) => args.some(isRequiredArgument);

function select(parent: { readonly name: string }, field: Field, children: readonly Selected[]): Selected {
  return { coordinate: `${parent.name}.${field.name}`, field, children };
}

/** Fields of a composite type that need nothing below them. */
function leavesOf(field: Field): Selected[] {
  const type = namedTypeOf(field);
  if (!isCompositeType(type) || !('getFields' in type)) return [];
  const leaves = Object.values(type.getFields()).filter((one) => isLeafType(namedTypeOf(one)) && !needsArguments(one));
  return leaves.map((one) => select(type, one, []));
}

function allOf(type: GraphQLObjectType): Selected[] {
  return Object.values(type.getFields()).map((field) => select(type, field, leavesOf(field)));
}

/** For each object type that Query reaches without arguments: all its fields, and the leaves of what they lead to. */
export function queriesOfEveryField(schema: GraphQLSchema): TypeQuery[] {
  const query = schema.getQueryType() as GraphQLObjectType;
  const found: { type: GraphQLObjectType; steps: readonly (readonly [GraphQLObjectType, Field])[] }[] = [
    { type: query, steps: [] },
  ];
  const seen = new Set([query]);
  for (const { type, steps } of found)
    for (const field of Object.values(type.getFields())) {
      const next = namedTypeOf(field);
      if (!isObjectType(next) || seen.has(next) || needsArguments(field)) continue;
      seen.add(next);
      found.push({ type: next, steps: [...steps, [type, field]] });
    }
  return found.map(({ type, steps }) => ({
    type: type.name,
    path: steps.map(([, field]) => field.name),
    selections: steps.reduceRight((inner, [parent, field]) => [select(parent, field, inner)], allOf(type)),
  }));
}

/** The text of a selection. `idsOf` gives what an argument `id` or `ids` needs, by the names of the types it may stand for. */
export function toText(
  schema: GraphQLSchema,
  selections: readonly Selected[],
  idsOf: (type: string) => string,
): string {
  return selections
    .map(({ field, children }) => {
      const type = namedTypeOf(field);
      const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
      const args = field.args.filter(isRequiredArgument).map(({ name, type: wanted }) => {
        const isList = isListType(isNonNullType(wanted) ? wanted.ofType : wanted);
        const ids = types.map((one) => JSON.stringify(idsOf(one.name)));
        return `${name}: ${isList ? `[${ids.join(', ')}]` : ids[0]}`;
      });
      const below = isLeafType(type) ? '' : ` { __typename ${toText(schema, children, idsOf)} }`;
      return `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${below}`;
    })
    .join(' ');
}

/** What a caller with these scopes is refused of a selection: response path → missing scopes. */
export function denialsOf(
  selections: readonly Selected[],
  policy: ReadonlyMap<string, ScopeRequirement>,
  scopes: readonly string[],
  path: readonly string[] = [],
): Record<string, readonly string[]> {
  return Object.assign(
    {},
    ...selections.map(({ coordinate, field, children }) => {
      const here = [...path, field.name];
      const missing = missingScopes(scopes, policy.get(coordinate) ?? []);
      return missing.length > 0 ? { [here.join('.')]: missing } : denialsOf(children, policy, scopes, here);
    }),
  );
}
