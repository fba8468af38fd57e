import type { FieldNode } from 'graphql';

const OWN_ALIAS = '__c_';
/** `__c_name` stands for a client's response name, `_c_1_name` for a field of a requirement (supergraph/repairs). */
const OWN_KEY = /^(?:__c_|_c_\d+_)/;

/** Whether a name is one of ours: clients may not use it as an alias. */
export function isOwnKey(name: string): boolean {
  return OWN_KEY.test(name);
}

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
  return typeof key === 'string' ? key.replace(OWN_KEY, '') : key;
}
