import type { FetchNode, FlattenNode, PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner';

/** A plan with every fetch replaced by one or several, which run side by side where the one did. */
export function mapFetches(plan: QueryPlan, change: (fetch: FetchNode) => readonly FetchNode[]): QueryPlan {
  const { node } = plan;
  if (!node) return plan;
  if (node.kind !== 'Subscription') return { ...plan, node: mapNode(node, change) };
  const [primary = node.primary] = change(node.primary);
  const rest = node.rest && mapNode(node.rest, change);
  const subscription: SubscriptionNode = { ...node, primary, ...(rest ? { rest } : {}) };
  return { ...plan, node: subscription };
}

function mapNode(node: PlanNode, change: (fetch: FetchNode) => readonly FetchNode[]): PlanNode {
  const map = (child: PlanNode) => mapNode(child, change);
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(map) };
    case 'Fetch':
      return sideBySide([...change(node)]);
    case 'Flatten':
      return spread(node, map(node.node));
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause ? { ifClause: map(node.ifClause) } : {}),
        ...(node.elseClause ? { elseClause: map(node.elseClause) } : {}),
      };
    case 'Defer':
      return {
        ...node,
        primary: { ...node.primary, ...(node.primary.node ? { node: map(node.primary.node) } : {}) },
        deferred: node.deferred.map((part) => ({ ...part, ...(part.node ? { node: map(part.node) } : {}) })),
      };
  }
}

/** Executors expect one fetch under a path. */
function spread(flatten: FlattenNode, inner: PlanNode): PlanNode {
  if (inner.kind !== 'Parallel') return { ...flatten, node: inner };
  return { ...inner, nodes: inner.nodes.map((node) => ({ ...flatten, node })) };
}

function sideBySide(nodes: readonly PlanNode[]): PlanNode {
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { kind: 'Parallel', nodes: [...nodes] };
}
