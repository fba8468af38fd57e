import type { DefinitionNode, DocumentNode, ObjectTypeDefinitionNode, ObjectTypeExtensionNode } from 'graphql';
import { Kind, parse, visit } from 'graphql';
import { localDirectiveNames, readSpecLinks, type SpecLink } from '../../lib/spec-links.ts';
import { definitionsFor, isEventDirective, PUBLISH_RESULT } from './event-definitions.ts';

const FEDERATION = 'https://specs.apollo.dev/federation';
/** What a subgraph without any link may use; Cosmo reads it as Federation 2. */
const FEDERATION_IMPORTS =
  '["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@tag", "@interfaceObject", "@authenticated", "@requiresScopes", "@composeDirective"]';
const RESERVED = /^(edfs|openfed)__/;

/**
 * Makes the SDL of a Cosmo event subgraph compose with Apollo's composer, directives preserved. SDL that uses no event
 * directive, or that links them itself, is returned as it is. Four steps: pasted definitions go; key fields of stubs lose
 * `@external` (or no key could leave the stub); specifications are linked and their directives composed; the publish result
 * is defined where it is missing.
 */
export function preprocessEvents(document: DocumentNode): DocumentNode {
  const used = usedEventDirectives(document);
  const links = readSpecLinks(document);
  if (used.size === 0 || isLinked(document, links)) return document;
  const own = document.definitions.filter((node) => !isPasted(node)).map(releaseKeys);
  const missingResult = uses(document, PUBLISH_RESULT) && !own.some((node) => nameOf(node) === PUBLISH_RESULT);
  return {
    ...document,
    definitions: [
      ...linksFor(used, links),
      ...definitionsFor(used),
      ...own,
      ...(missingResult ? parse(`type ${PUBLISH_RESULT} { success: Boolean! }`, { noLocation: true }).definitions : []),
    ],
  };
}

function usedEventDirectives(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name }) => {
      if (isEventDirective(name.value)) names.add(name.value);
    },
  });
  return names;
}

/** The author did it: some specification that is not federation is linked and its directives are composed. */
function isLinked(document: DocumentNode, links: readonly SpecLink[]): boolean {
  const names = new Set(localDirectiveNames(links, FEDERATION, 'composeDirective'));
  let composed = false;
  visit(document, {
    Directive: (node) => {
      const name = node.arguments?.find((argument) => argument.name.value === 'name')?.value;
      if (names.has(node.name.value) && name?.kind === Kind.STRING) composed ||= RESERVED.test(name.value.slice(1));
    },
  });
  return composed;
}

function isPasted(node: DefinitionNode): boolean {
  const name = nameOf(node);
  return name !== undefined && RESERVED.test(name) && name !== PUBLISH_RESULT;
}

function nameOf(node: DefinitionNode): string | undefined {
  return 'name' in node ? node.name?.value : undefined;
}

function uses(document: DocumentNode, type: string): boolean {
  let found = false;
  visit(document, {
    NamedType: ({ name }) => {
      found ||= name.value === type;
    },
  });
  return found;
}

/** Stubs (`@key(resolvable: false)`) keep `@external` on other fields: `@provides` needs it there. */
function releaseKeys(node: DefinitionNode): DefinitionNode {
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) return node;
  const keys = stubKeys(node);
  if (keys.size === 0) return node;
  const fields = (node.fields ?? []).map((field) =>
    keys.has(field.name.value)
      ? { ...field, directives: (field.directives ?? []).filter(({ name }) => name.value !== 'external') }
      : field,
  );
  return { ...node, fields };
}

function stubKeys(node: ObjectTypeDefinitionNode | ObjectTypeExtensionNode): Set<string> {
  const names = new Set<string>();
  for (const directive of node.directives ?? []) {
    const value = (name: string) => directive.arguments?.find((argument) => argument.name.value === name)?.value;
    const [fields, resolvable] = [value('fields'), value('resolvable')];
    if (directive.name.value !== 'key' || fields?.kind !== Kind.STRING) continue;
    if (resolvable?.kind !== Kind.BOOLEAN || resolvable.value) continue;
    for (const name of fields.value.match(/\w+/g) ?? []) names.add(name);
  }
  return names;
}

function linksFor(used: ReadonlySet<string>, links: readonly SpecLink[]): readonly DefinitionNode[] {
  const [compose = 'composeDirective'] = localDirectiveNames(links, FEDERATION, 'composeDirective');
  const broker = [...used].filter((name) => name.startsWith('edfs__'));
  const text = [
    'extend schema',
    links.some((link) => link.identity === FEDERATION)
      ? ''
      : `@link(url: "${FEDERATION}/v2.9", import: ${FEDERATION_IMPORTS})`,
    `@link(url: "https://specs.tributary.example/broker/v1.0", import: ${JSON.stringify(broker.map((name) => `@${name}`))})`,
    '@link(url: "https://specs.tributary.example/openfed/v1.0")',
    ...[...used].map((name) => `@${compose}(name: "@${name}")`),
  ];
  return parse(text.join('\n'), { noLocation: true }).definitions;
}
