import type { FieldNode } from 'graphql';

/** Names that begin so are ours: clients may not use them. */
export const OWN_ALIAS = '__c_';

/**
 * The key under which a client's field is fetched. It is the response name, unless that is the name of a field which keys
 * or `@requires` read and the client puts something else there (another field, or the field with arguments): the planner
 * would hand a subgraph the client's value instead.
 */
export function dataKeyOf(node: FieldNode, inputNames: ReadonlySet<string>): string {
  const key = node.alias?.value ?? node.name.value;
  const isItself = key === node.name.value && (node.arguments ?? []).length === 0;
  return isItself || !inputNames.has(key) ? key : OWN_ALIAS + key;
}

/** The response name behind a key; list indices pass. */
export function toResponseName(key: string | number): string | number {
  return typeof key === 'string' && key.startsWith(OWN_ALIAS) ? key.slice(OWN_ALIAS.length) : key;
}
