import type { DirectiveNode, DocumentNode } from 'graphql';
import { Kind, visit } from 'graphql';

/**
 * Names of all fields that some key or `@requires` speaks of. Plans read such fields by their own name from what has been
 * fetched, so no client alias and no client arguments may put something else in their place.
 */
export function readInputNames(supergraph: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(supergraph, {
    Directive(directive) {
      for (const fieldSet of fieldSetsOf(directive)) for (const name of fieldSet.match(/\w+/g) ?? []) names.add(name);
    },
  });
  return names;
}

function fieldSetsOf(directive: DirectiveNode): string[] {
  if (!directive.name.value.startsWith('join__')) return [];
  return (directive.arguments ?? []).flatMap(({ name, value }) =>
    (name.value === 'key' || name.value === 'requires') && value.kind === Kind.STRING ? [value.value] : [],
  );
}
