import type { ConstDirectiveNode, ConstValueNode, DocumentNode } from 'graphql';
import { Kind } from 'graphql';

/** One `@link` (or `@core`) of a schema: which specification it uses and under which names. Spec: specs.apollo.dev/link/v1.0. */
export interface SpecLink {
  readonly url: string;
  /** The URL without its version, for example `https://specs.apollo.dev/federation`. */
  readonly identity: string;
  /** `v2.9`, or null when the URL has no version. */
  readonly version: string | null;
  /** The prefix of elements that are not imported: `as`, else the name in the URL. */
  readonly prefix: string;
  /** Imported elements: name in the specification → name in this document (`@` included). */
  readonly imports: ReadonlyMap<string, string>;
  readonly purpose: string | null;
}

/** The specifications a schema document links, in order. Also reads `@core(feature:)` of Federation 1 supergraphs. */
export function readSpecLinks(document: DocumentNode): SpecLink[] {
  const directives = document.definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? [])
      : [],
  );
  const name = linkName(directives);
  return directives.filter((directive) => directive.name.value === name).flatMap(toSpecLink);
}

/**
 * The names under which `directive` (without `@`) of a specification is used in a document: the import's local name, else
 * the prefixed name. A specification named like its directive lends it its own name (`@link(url: ".../requiresScopes/v0.1", as: "needs")`).
 */
export function localDirectiveNames(links: readonly SpecLink[], identity: string, directive: string): string[] {
  return links
    .filter((link) => link.identity === identity)
    .map((link) => {
      const imported = link.imports.get(`@${directive}`);
      if (imported) return imported.slice(1);
      return identity.endsWith(`/${directive}`) ? link.prefix : `${link.prefix}__${directive}`;
    });
}

/** `@link` may itself be renamed: the directive that links the link specification says how. */
function linkName(directives: readonly ConstDirectiveNode[]): string {
  const bootstrap = directives.find((directive) => /\/(link|core)\/v\d/.test(urlOf(directive) ?? ''));
  return bootstrap?.name.value ?? 'link';
}

function toSpecLink(directive: ConstDirectiveNode): SpecLink[] {
  const url = urlOf(directive);
  if (url === null) return [];
  const [, identity = url, version = null] = /^(.*?)(?:\/(v\d+\.\d+))?\/?$/.exec(url) ?? [];
  const alias = textOf(argument(directive, 'as'));
  return [
    {
      url,
      identity,
      version,
      prefix: alias ?? identity.slice(identity.lastIndexOf('/') + 1),
      imports: new Map(importsOf(argument(directive, 'import'))),
      purpose: textOf(argument(directive, 'for')),
    },
  ];
}

function importsOf(value: ConstValueNode | undefined): [string, string][] {
  if (value?.kind !== Kind.LIST) return [];
  return value.values.flatMap((item): [string, string][] => {
    const plain = textOf(item);
    if (plain !== null) return [[plain, plain]];
    if (item.kind !== Kind.OBJECT) return [];
    const field = (name: string) => textOf(item.fields.find((candidate) => candidate.name.value === name)?.value);
    const name = field('name');
    return name === null ? [] : [[name, field('as') ?? name]];
  });
}

function urlOf(directive: ConstDirectiveNode): string | null {
  return textOf(argument(directive, 'url') ?? argument(directive, 'feature'));
}

function argument(directive: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
}

function textOf(value: ConstValueNode | undefined): string | null {
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : null;
}
