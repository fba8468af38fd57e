import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { readSpecLinks } from '../../../lib/spec-links.ts';

/** One `@cacheControl`. Spec: apollographql.com/docs/apollo-server/performance/caching. */
export interface CacheHint {
  /** Seconds; null where the directive says nothing of it. */
  readonly maxAge: number | null;
  readonly isPrivate: boolean;
  readonly inheritMaxAge: boolean;
}

/** Hints by coordinate: `Product`, `Product.price`. */
export type CacheHints = ReadonlyMap<string, CacheHint>;

const DIRECTIVE = 'cacheControl';

/**
 * The hints of a supergraph, whether they came by `@composeDirective` (under whatever name) or inside `@join__directive`.
 * Where several subgraphs speak of one coordinate the strictest holds.
 */
export function readCacheHints(document: DocumentNode): CacheHints {
  const names = localNames(document);
  const hints = new Map<string, CacheHint>();
  const add = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    for (const hint of (directives ?? []).flatMap((directive) => toHint(directive, names))) {
      const known = hints.get(coordinate);
      hints.set(coordinate, known ? stricter(known, hint) : hint);
    }
  };
  for (const definition of document.definitions) {
    if (!isType(definition)) continue;
    add(definition.name.value, definition.directives);
    if (!('fields' in definition)) continue;
    for (const field of definition.fields ?? []) {
      if (field.kind === Kind.FIELD_DEFINITION) add(`${definition.name.value}.${field.name.value}`, field.directives);
    }
  }
  return hints;
}

function isType(node: DocumentNode['definitions'][number]): node is TypeDefinitionNode | TypeExtensionNode {
  return node.kind.endsWith('TypeDefinition') || node.kind.endsWith('TypeExtension');
}

function localNames(document: DocumentNode): ReadonlySet<string> {
  const imported = readSpecLinks(document).flatMap(({ imports }) => imports.get(`@${DIRECTIVE}`)?.slice(1) ?? []);
  return new Set(imported.length > 0 ? imported : [DIRECTIVE]);
}

function toHint(directive: ConstDirectiveNode, names: ReadonlySet<string>): CacheHint[] {
  const given = new Map(directive.arguments?.map(({ name, value }) => [name.value, value] as const));
  if (names.has(directive.name.value)) return [hintOf(given)];
  if (directive.name.value !== 'join__directive') return [];
  const [name, args] = [given.get('name'), given.get('args')];
  if (name?.kind !== Kind.STRING || name.value !== DIRECTIVE) return [];
  const fields = args?.kind === Kind.OBJECT ? args.fields : [];
  return [hintOf(new Map(fields.map((field) => [field.name.value, field.value] as const)))];
}

function hintOf(given: ReadonlyMap<string, ConstValueNode>): CacheHint {
  const [maxAge, scope, inherit] = [given.get('maxAge'), given.get('scope'), given.get('inheritMaxAge')];
  return {
    maxAge: maxAge?.kind === Kind.INT ? Math.max(0, Number(maxAge.value)) : null,
    isPrivate: (scope?.kind === Kind.ENUM || scope?.kind === Kind.STRING) && scope.value === 'PRIVATE',
    inheritMaxAge: inherit?.kind === Kind.BOOLEAN && inherit.value,
  };
}

function stricter(left: CacheHint, right: CacheHint): CacheHint {
  const ages = [left.maxAge, right.maxAge].filter((age) => age !== null);
  return {
    maxAge: ages.length === 0 ? null : Math.min(...ages),
    isPrivate: left.isPrivate || right.isPrivate,
    inheritMaxAge: left.inheritMaxAge && right.inheritMaxAge,
  };
}
