/** An argument, as every subgraph that has its field defines it. */
export interface ArgumentModel {
  readonly name: string;
  /** GraphQL type text. */
  readonly type: string;
  /** GraphQL literal. */
  readonly fallback?: string;
}

/** A field of the whole graph and where it lives. */
export interface FieldModel {
  readonly name: string;
  /** GraphQL type text, e.g. `[E0!]!`. */
  readonly type: string;
  readonly args: readonly ArgumentModel[];
  /** Subgraphs that resolve it; with several it is shared. */
  readonly owners: readonly string[];
  /** `@override(from:)`: this subgraph still has the field, and must not be asked. */
  readonly from?: string;
  /** Fields of the same entity that its owner is told, `{ v: ['x'] }` for a part of an object. */
  readonly requires?: Readonly<Record<string, readonly string[]>>;
  /** Fields of the entity it returns that its owner knows on this path. */
  readonly provides?: readonly string[];
}

/** How an entity is told apart. */
export type KeyKind = 'simple' | 'compound' | 'nested' | 'several';

/** A type with keys, split over subgraphs. */
export interface EntityModel {
  readonly name: string;
  readonly key: KeyKind;
  /** Subgraphs that resolve references to it, with the key fields each understands. */
  readonly homes: Readonly<Record<string, readonly string[]>>;
  readonly fields: readonly FieldModel[];
}

/** A type without keys: all subgraphs that mention it have all of it. */
export interface ValueModel {
  readonly name: string;
  readonly fields: readonly FieldModel[];
}

/** An interface or a union. */
export interface AbstractModel {
  readonly name: string;
  readonly kind: 'interface' | 'union';
  /** Types that may stand for it, by the subgraph that knows them so. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** Names of the fields an interface would like to have, beside `id`. */
  readonly fields: readonly string[];
  /** The subgraph that sees this interface as an object, and the fields it adds. */
  readonly asObject?: { readonly home: string; readonly object: string; readonly fields: readonly FieldModel[] };
}

/** A graph, how it is split, and (by `seed`) its data. */
export interface World {
  readonly seed: number;
  readonly subgraphs: readonly string[];
  readonly roots: readonly FieldModel[];
  readonly entities: readonly EntityModel[];
  readonly values: readonly ValueModel[];
  readonly abstracts: readonly AbstractModel[];
  /** The entity that `Subscription.changed` and `Query.current` are about, both of them the subgraph `events`'s. */
  readonly event?: EntityModel;
}

/** Fields of a key, with their types. */
export const KEY_FIELDS: Readonly<Record<string, string>> = { id: 'ID!', code: 'String!', org: 'Org!', sku: 'String!' };

/** Field sets of an entity's keys. */
export const KEYS: Readonly<Record<KeyKind, readonly string[]>> = {
  simple: ['id'],
  compound: ['id code'],
  nested: ['id org { id }'],
  several: ['id', 'sku'],
};

/** Names of the fields a key set begins with. */
export function keyFieldsOf(keys: readonly string[]): string[] {
  return [
    ...new Set(
      keys.flatMap((key) =>
        key
          .replace(/\{.*?\}/g, '')
          .split(' ')
          .filter(Boolean),
      ),
    ),
  ];
}

/** The type a type text is about. */
export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

/** Every subgraph's view of an abstract type together. */
export function allMembers({ members }: AbstractModel): string[] {
  return [...new Set(Object.values(members).flat())];
}

/** Types every subgraph defines: an enum, a scalar of any JSON, an input object. */
export const SHARED_SDL = `enum Color { RED GREEN BLUE }
scalar Json
input Filter { a: Int = 3 b: [String!] c: Filter e: Color d: Float! = 0.5 }`;
