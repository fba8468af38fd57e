import type { FieldNode, InlineFragmentNode, SelectionNode } from 'graphql';
import { Kind, print } from 'graphql';

/**
 * Selections with those that say the same said once: a field under one response name with equal arguments and directives, and
 * neighbouring fragments with one condition. Never over a fragment in between, because that would change the order in which
 * the answer has its fields.
 */
export function mergeSelections(selections: readonly SelectionNode[]): SelectionNode[] {
  const merged: SelectionNode[] = [];
  let places = new Map<string, number>();
  for (const node of selections) {
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const place = places.get(key);
      const earlier = place === undefined ? undefined : merged[place];
      if (place !== undefined && earlier?.kind === Kind.FIELD && isSameField(earlier, node))
        merged[place] = withBoth(earlier, node);
      else places.set(key, merged.push(node) - 1);
      continue;
    }
    places = new Map();
    const last = merged.at(-1);
    if (node.kind === Kind.INLINE_FRAGMENT && last?.kind === Kind.INLINE_FRAGMENT && isSameFragment(last, node))
      merged[merged.length - 1] = withBoth(last, node);
    else merged.push(node);
  }
  return merged;
}

function isSameField(one: FieldNode, other: FieldNode): boolean {
  // Under one response name a valid document has one field with equal arguments.
  return one.name.value === other.name.value && textOf(one.directives) === textOf(other.directives);
}

function isSameFragment(one: InlineFragmentNode, other: InlineFragmentNode): boolean {
  return (
    one.typeCondition?.name.value === other.typeCondition?.name.value &&
    textOf(one.directives) === textOf(other.directives)
  );
}

function textOf(directives: FieldNode['directives']): string {
  return (directives ?? []).map(print).join(' ');
}

function withBoth<Node extends FieldNode | InlineFragmentNode>(one: Node, other: Node): Node {
  if (!one.selectionSet || !other.selectionSet) return one;
  const selections = mergeSelections([...one.selectionSet.selections, ...other.selectionSet.selections]);
  return { ...one, selectionSet: { ...one.selectionSet, selections } };
}
