import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import { Kind } from 'graphql';
import { localDirectiveNames, readSpecLinks } from '../../lib/spec-links.ts';

/** Tags by coordinate: `Type`, `Type.member` (fields, input fields, enum values), `Type.field(argument:)`. */
export type Tags = ReadonlyMap<string, ReadonlySet<string>>;

/** All `@tag(name:)` of a supergraph, renamed imports included. Spec: specs.apollo.dev/tag/v0.3. */
export function readTags(document: DocumentNode): Tags {
  const names = new Set([
    'tag',
    ...localDirectiveNames(readSpecLinks(document), 'https://specs.apollo.dev/tag', 'tag'),
  ]);
  const tags = new Map<string, Set<string>>();
  const add = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    for (const directive of directives ?? []) {
      const name = names.has(directive.name.value) ? nameOf(directive) : null;
      if (name === null) continue;
      const known = tags.get(coordinate);
      if (known) known.add(name);
      else tags.set(coordinate, new Set([name]));
    }
  };
  for (const definition of document.definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    const type = definition.name.value;
    add(type, definition.directives);
    for (const { coordinate, directives } of membersOf(type, definition)) add(coordinate, directives);
  }
  return tags;
}

interface Tagged {
  readonly coordinate: string;
  readonly directives: readonly ConstDirectiveNode[] | undefined;
}

function membersOf(type: string, definition: DocumentNode['definitions'][number]): Tagged[] {
  if ('values' in definition)
    return (definition.values ?? []).map((node) => ({
      coordinate: `${type}.${node.name.value}`,
      directives: node.directives,
    }));
  if (!('fields' in definition)) return [];
  return (definition.fields ?? []).flatMap((node) => {
    const coordinate = `${type}.${node.name.value}`;
    const inner = 'arguments' in node ? (node.arguments ?? []) : [];
    return [
      { coordinate, directives: node.directives },
      ...inner.map((argument) => ({
        coordinate: `${coordinate}(${argument.name.value}:)`,
        directives: argument.directives,
      })),
    ];
  });
}

function nameOf(directive: ConstDirectiveNode): string | null {
  const value = directive.arguments?.find(({ name }) => name.value === 'name')?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}
