import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import { Kind, valueFromASTUntyped } from 'graphql';
import { localDirectiveNames, readSpecLinks } from './spec-links.ts';

/** An OR of ANDs of scopes. `[[]]`: any identity will do. */
export type ScopeRequirement = readonly (readonly string[])[];

const FEDERATION = 'https://specs.apollo.dev/federation';

/**
 * What `@requiresScopes` and `@authenticated` demand, by coordinate (`Contact.email`, or `Contact` for a type's own rule).
 * A coordinate in the map refuses callers without identity, whatever its requirement. Names are resolved by `@link` URL,
 * renamed imports included, in subgraph and in supergraph documents alike. Several directives on one coordinate are ANDed.
 */
export function readScopePolicy(document: DocumentNode): ReadonlyMap<string, ScopeRequirement> {
  const readRequirement = createReader(document);
  const policy = new Map<string, ScopeRequirement>();
  const add = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    const found = (directives ?? []).flatMap(readRequirement);
    const known = policy.get(coordinate);
    if (found.length > 0) policy.set(coordinate, bothOf(...(known ? [known] : []), ...found));
  };
  for (const definition of document.definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    const type = definition.name.value;
    add(type, definition.directives);
    if (!('fields' in definition)) continue;
    for (const field of definition.fields ?? []) add(`${type}.${field.name.value}`, field.directives);
  }
  return policy;
}

/** The requirement that holds when every one of `requirements` does: the cross product of their alternatives. */
export function bothOf(...requirements: readonly ScopeRequirement[]): ScopeRequirement {
  return requirements.reduce<ScopeRequirement>(
    (left, right) => distinct(left.flatMap((a) => right.map((b) => [...new Set([...a, ...b])]))),
    [[]],
  );
}

function distinct(alternatives: readonly (readonly string[])[]): ScopeRequirement {
  return [...new Map(alternatives.map((all) => [[...all].sort().join(' '), all])).values()];
}

function createReader(document: DocumentNode): (directive: ConstDirectiveNode) => ScopeRequirement[] {
  const links = readSpecLinks(document);
  const namesOf = (directive: string) => {
    const linked = [FEDERATION, `https://specs.apollo.dev/${directive}`].flatMap((identity) =>
      localDirectiveNames(links, identity, directive),
    );
    // Without a link the plain name counts too: a rule that is written down is never ignored.
    return new Set([...linked, directive]);
  };
  const scoped = namesOf('requiresScopes');
  const authenticated = namesOf('authenticated');
  return (directive) => {
    if (scoped.has(directive.name.value)) return [scopesOf(directive)];
    return authenticated.has(directive.name.value) ? [[[]]] : [];
  };
}

function scopesOf(directive: ConstDirectiveNode): ScopeRequirement {
  const node = directive.arguments?.find((argument) => argument.name.value === 'scopes')?.value;
  const value: unknown = node && valueFromASTUntyped(node);
  const alternatives = (Array.isArray(value) ? value : [value]).map((all: unknown) =>
    (Array.isArray(all) ? all : [all]).filter((scope): scope is string => typeof scope === 'string'),
  );
  return alternatives.length === 0 ? [[]] : alternatives;
}
