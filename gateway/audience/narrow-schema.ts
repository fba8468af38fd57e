import { buildASTSchema, type DefinitionNode, type GraphQLSchema, Kind, parse, printSchema } from 'graphql';
import { narrowDefinition, type TypeNodes, type WhenRequired } from './narrow-definition.ts';
import { reachableTypes } from './reachable-types.ts';
import type { Visibility } from './visibility.ts';

const parsed = new WeakMap<GraphQLSchema, readonly DefinitionNode[]>();

/**
 * A schema reduced to what is visible: types without visible members vanish, and so do the fields that return them, interface
 * fields that an implementer hides, and all that the root types no longer reach. The schema itself when nothing is hidden.
 * When a required argument or input field is hidden, but not what needs it: AppError SUPERGRAPH_INVALID, or with `hide` what
 * needs it is hidden as well.
 */
export function narrowSchema(
  schema: GraphQLSchema,
  visibility: Visibility,
  whenRequired: WhenRequired = 'refuse',
): GraphQLSchema {
  const all = definitionsOf(schema);
  let narrowed = narrowOnce(all, all, visibility, whenRequired);
  for (let before = all; !areSame(before, narrowed); ) {
    before = narrowed;
    narrowed = narrowOnce(all, before, visibility, whenRequired);
  }
  if (areSame(all, narrowed)) return schema;
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].map((it) => it?.name);
  const reachable = reachableTypes(
    narrowed,
    roots.filter((name) => name !== undefined),
  );
  return build(
    narrowed.filter((node) => !('name' in node) || !node.name || !isType(node) || reachable.has(node.name.value)),
    schema.getQueryType()?.name ?? 'Query',
  );
}

function definitionsOf(schema: GraphQLSchema): readonly DefinitionNode[] {
  const known = parsed.get(schema);
  if (known) return known;
  const { definitions } = parse(printSchema(schema), { noLocation: true });
  parsed.set(schema, definitions);
  return definitions;
}

/** One pass: what a type loses may cost others fields, and those their types. */
function narrowOnce(
  all: readonly DefinitionNode[],
  before: readonly DefinitionNode[],
  visibility: Visibility,
  whenRequired: WhenRequired,
): readonly DefinitionNode[] {
  const left: TypeNodes = new Map(before.flatMap((node) => (isType(node) ? [[node.name.value, node]] : [])));
  const gone = new Set(all.flatMap((node) => (isType(node) && !left.has(node.name.value) ? [node.name.value] : [])));
  return before.flatMap((node) => narrowDefinition(node, { left, gone, visibility, whenRequired }) ?? []);
}

function areSame(left: readonly DefinitionNode[], right: readonly DefinitionNode[]): boolean {
  return left.length === right.length && left.every((node, at) => node === right[at]);
}

function isType(node: DefinitionNode): node is Extract<DefinitionNode, { kind: `${string}TypeDefinition` }> {
  return node.kind.endsWith('TypeDefinition');
}

/** GraphQL knows no schema without a query type: where nothing of it is visible, a field says so. */
function build(definitions: readonly DefinitionNode[], query: string): GraphQLSchema {
  const hasQuery = definitions.some((node) => isType(node) && node.name.value === query);
  const nothing = `type ${query} { "Nothing of this graph is visible to you." _nothing: Boolean }`;
  const whole = hasQuery ? definitions : [...definitions, ...parse(nothing, { noLocation: true }).definitions];
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: whole }, { assumeValid: true, assumeValidSDL: true });
}
