import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import { Kind } from 'graphql';
import { isFalse, textArgument } from '../join-directives.ts';

/**
 * Repair: keys that resolve before keys that do not.
 *
 * What the planner gets wrong: when it returns to a subgraph it has come from (to hand over what `@requires` needs), it takes
 * the first key of the type whose fields that subgraph has, without looking at `resolvable: false`. The subgraph cannot resolve
 * such a representation. With the resolvable keys of each graph first it takes one that works.
 */
export function orderKeys(supergraph: DocumentNode): DocumentNode {
  const definitions = supergraph.definitions.map((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? { ...node, directives: ordered(node.directives ?? []) }
      : node,
  );
  return { ...supergraph, definitions };
}

function ordered(directives: readonly ConstDirectiveNode[]): ConstDirectiveNode[] {
  const isLate = (node: ConstDirectiveNode) =>
    node.name.value === 'join__type' && textArgument(node, 'key') !== undefined && isFalse(node, 'resolvable');
  return [...directives.filter((node) => !isLate(node)), ...directives.filter(isLate)];
}
