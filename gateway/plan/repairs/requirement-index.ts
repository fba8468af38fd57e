import type { SelectionSetNode } from 'graphql';
import { Kind } from 'graphql';
import { directivesOf, isFalse, textArgument } from '../../supergraph/join-directives.ts';
import { parseFieldSet } from '../../supergraph/repairs/field-sets.ts';
import type { RequirementField, RequirementFields } from '../../supergraph/repairs/requirement-fields.ts';
import { indexSupergraph, type SupergraphIndex } from '../../supergraph/repairs/supergraph-index.ts';

/** Places in a representation, as they are sent (`.dims.w`), and the names under which they were fetched. */
export type Claims = ReadonlyMap<string, ReadonlySet<string>>;

/** What the planner was told about representations. */
export interface RequirementIndex {
  /** Fields that stand for others with arguments. */
  readonly fields: ReadonlyMap<string, RequirementField>;
  /** Whether nothing in the supergraph requires anything. */
  readonly empty: boolean;
  /** What a field of a subgraph requires. */
  requiredBy(subgraph: string, type: string, field: string): Claims;
  /** Places that some resolvable key of a type in a subgraph has. */
  keyPlaces(subgraph: string, type: string): ReadonlySet<string>;
  /** The place below `path` where a field is sent. */
  placeOf(path: string, name: string): string;
}

const NOTHING: Claims = new Map();
const NOWHERE: ReadonlySet<string> = new Set();

/** Indexes the requirements and keys of a repaired supergraph. */
export function indexRequirements({ document, fields }: RequirementFields): RequirementIndex {
  const supergraph = indexSupergraph(document);
  const placeOf = (path: string, name: string) => `${path}.${fields.get(name)?.original ?? name}`;
  const claims = (set: string) => claimsOf(parseFieldSet(set), placeOf);
  const requirements = new Map(
    requirementsIn(supergraph).map(({ subgraph, coordinate, set }) => [`${subgraph}\0${coordinate}`, claims(set)]),
  );
  const keys = new Map<string, Set<string>>();
  for (const { subgraph, type, set } of keysIn(supergraph)) {
    const id = `${subgraph}\0${type}`;
    keys.set(id, new Set([...(keys.get(id) ?? []), ...claims(set).keys()]));
  }
  return {
    fields,
    empty: requirements.size === 0,
    requiredBy: (subgraph, type, field) => requirements.get(`${subgraph}\0${type}.${field}`) ?? NOTHING,
    keyPlaces: (subgraph, type) => keys.get(`${subgraph}\0${type}`) ?? NOWHERE,
    placeOf,
  };
}

function requirementsIn({ types, graphNames }: SupergraphIndex) {
  return [...types.values()].flatMap((type) =>
    (type.fields ?? []).flatMap((field) =>
      directivesOf(field, 'join__field').flatMap((directive) => {
        const set = textArgument(directive, 'requires');
        const subgraph = graphNames.get(textArgument(directive, 'graph') ?? '');
        return set === undefined ? [] : { subgraph, coordinate: `${type.name.value}.${field.name.value}`, set };
      }),
    ),
  );
}

function keysIn({ types, graphNames }: SupergraphIndex) {
  return [...types.values()].flatMap((type) =>
    directivesOf(type, 'join__type').flatMap((directive) => {
      const set = textArgument(directive, 'key');
      const subgraph = graphNames.get(textArgument(directive, 'graph') ?? '');
      return set === undefined || isFalse(directive, 'resolvable') ? [] : { subgraph, type: type.name.value, set };
    }),
  );
}

function claimsOf(set: SelectionSetNode, placeOf: RequirementIndex['placeOf']): Claims {
  const claims = new Map<string, Set<string>>();
  const walk = ({ selections }: SelectionSetNode, path: string): void => {
    for (const node of selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) continue;
      const here = node.kind === Kind.FIELD ? placeOf(path, node.name.value) : path;
      if (node.kind === Kind.FIELD) claims.set(here, (claims.get(here) ?? new Set()).add(node.name.value));
      if (node.selectionSet) walk(node.selectionSet, here);
    }
  };
  walk(set, '');
  return claims;
}
