import type { SelectionSetNode } from 'graphql';
import { directivesOf, textArgument } from '../../supergraph/join-directives.ts';
import { parseFieldSet } from '../../supergraph/repairs/field-sets.ts';
import type { RequirementField, RequirementFields } from '../../supergraph/repairs/requirement-fields.ts';
import { indexSupergraph } from '../../supergraph/repairs/supergraph-index.ts';

/** What each field of each subgraph requires, as the planner was told. */
export interface RequirementIndex {
  readonly fields: ReadonlyMap<string, RequirementField>;
  /** Null when it requires nothing. */
  requiredBy(subgraph: string, type: string, field: string): SelectionSetNode | null;
}

/** Indexes the requirements of a repaired supergraph. */
export function indexRequirements({ document, fields }: RequirementFields): RequirementIndex {
  const { types, graphNames } = indexSupergraph(document);
  const known = new Map<string, SelectionSetNode>();
  for (const type of types.values())
    for (const field of type.fields ?? [])
      for (const directive of directivesOf(field, 'join__field')) {
        const requires = textArgument(directive, 'requires');
        const subgraph = graphNames.get(textArgument(directive, 'graph') ?? '');
        if (requires !== undefined && subgraph !== undefined)
          known.set(`${subgraph}\0${type.name.value}.${field.name.value}`, parseFieldSet(requires));
      }
  return { fields, requiredBy: (subgraph, type, field) => known.get(`${subgraph}\0${type}.${field}`) ?? null };
}
