import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import type { FieldNode, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import { Kind, parse } from 'graphql';

/** Response names from the root. */
type FieldPath = readonly string[];

/**
 * Repair: fields that the planner left out without a word.
 *
 * What the planner gets wrong: where no subgraph can be reached that has a field (composition lets some such supergraphs pass:
 * an `@interfaceObject` whose only key does not resolve, an interface nobody implements), it drops the field, or the whole plan
 * is empty. The client would read null where there is a value. These paths are told, so that each gets an error.
 *
 * Fields inside fragments on a type are not looked for, since a plan may rightly know that no such object can occur there; nor
 * are those that a constant condition leaves out.
 */
export function listUnreachable(operation: OperationDefinitionNode, plan: QueryPlan): FieldPath[] {
  const fetched = new Set<string>();
  if (plan.node?.kind === 'Subscription') {
    noteFetch(plan.node.primary, [], fetched);
    if (plan.node.rest) noteNode(plan.node.rest, [], fetched);
  } else if (plan.node) noteNode(plan.node, [], fetched);
  return listMissing(operation.selectionSet, [], fetched);
}

function listMissing(set: SelectionSetNode, path: FieldPath, fetched: ReadonlySet<string>): FieldPath[] {
  return set.selections.flatMap((node): FieldPath[] => {
    if (node.kind === Kind.FRAGMENT_SPREAD || isConstant(node)) return [];
    if (node.kind === Kind.INLINE_FRAGMENT)
      return node.typeCondition ? [] : listMissing(node.selectionSet, path, fetched);
    if (node.name.value === '__typename') return [];
    const here = [...path, keyOf(node)];
    if (!fetched.has(here.join('.'))) return [here];
    return node.selectionSet ? listMissing(node.selectionSet, here, fetched) : [];
  });
}

function isConstant(node: SelectionNode): boolean {
  return (node.directives ?? []).some(({ name, arguments: given = [] }) => {
    const isCondition = name.value === 'skip' || name.value === 'include';
    return isCondition && given.every(({ value }) => value.kind === Kind.BOOLEAN);
  });
}

function noteNode(node: PlanNode | undefined, path: FieldPath, fetched: Set<string>): void {
  switch (node?.kind) {
    case 'Sequence':
    case 'Parallel':
      for (const child of node.nodes) noteNode(child, path, fetched);
      return;
    case 'Flatten':
      noteNode(node.node, [...path, ...node.path.map(String).filter((part) => part !== '@')], fetched);
      return;
    case 'Condition':
      noteNode(node.ifClause, path, fetched);
      noteNode(node.elseClause, path, fetched);
      return;
    case 'Defer':
      noteNode(node.primary.node, path, fetched);
      for (const part of node.deferred) noteNode(part.node, path, fetched);
      return;
    case 'Fetch':
      noteFetch(node, path, fetched);
  }
}

function noteFetch(fetch: FetchNode, path: FieldPath, fetched: Set<string>): void {
  const document = parse(fetch.operation, { noLocation: true });
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  );
  const renames = (fetch.outputRewrites ?? []).flatMap((one) => (one.kind === 'KeyRenamer' ? one : []));
  const note = (set: SelectionSetNode | undefined, at: FieldPath): void => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) note(fragments.get(node.name.value), at);
      else if (node.kind === Kind.INLINE_FRAGMENT) note(node.selectionSet, at);
      else
        for (const key of [
          keyOf(node),
          ...renames.filter(({ path: to }) => to.at(-1) === keyOf(node)).map((one) => one.renameKeyTo),
        ]) {
          fetched.add([...at, key].join('.'));
          note(node.selectionSet, [...at, key]);
        }
    }
  };
  const root = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)?.selectionSet;
  const [entities] = root?.selections ?? [];
  note(fetch.requires && entities?.kind === Kind.FIELD ? entities.selectionSet : root, path);
}

function keyOf(node: FieldNode): string {
  return node.alias?.value ?? node.name.value;
}
