import type { SelectionNode, SelectionSetNode } from 'graphql';
import { Kind, parse, print, stripIgnoredCharacters } from 'graphql';

/** Reads the text of a field set (`id owner { id }`). Throws GraphQLError when it is none. */
export function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError(`Not a field set: ${text}`);
  return definition.selectionSet;
}

/** The text of a field set. */
export function printFieldSet(set: SelectionSetNode): string {
  return stripIgnoredCharacters(print(set)).slice(1, -1);
}

/** The field set with each selection replaced by what `change` says, outer ones first. */
export function mapFieldSet(
  set: SelectionSetNode,
  parent: string,
  change: (node: SelectionNode, parent: string) => { readonly node: SelectionNode; readonly inner: string | null },
): SelectionSetNode {
  const selections = set.selections.map((selection): SelectionNode => {
    const { node, inner } = change(selection, parent);
    if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet || inner === null) return node;
    return { ...node, selectionSet: mapFieldSet(node.selectionSet, inner, change) };
  });
  return { ...set, selections };
}
