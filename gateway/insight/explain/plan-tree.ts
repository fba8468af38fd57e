import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, parse, print, type SelectionSetNode } from 'graphql';

/** A plan as people read it. */
export type ExplainedNode =
  | { readonly kind: 'sequence' | 'parallel'; readonly nodes: readonly ExplainedNode[] }
  | {
      readonly kind: 'condition';
      readonly variable: string;
      readonly yes: ExplainedNode | null;
      readonly no: ExplainedNode | null;
    }
  | {
      readonly kind: 'defer';
      readonly primary: ExplainedNode | null;
      readonly deferred: readonly { readonly label: string | null; readonly node: ExplainedNode | null }[];
    }
  | ExplainedFetch;

/** One fetch of a plan. */
export interface ExplainedFetch {
  readonly kind: 'fetch';
  readonly subgraph: string;
  /** Where its objects are in the answer; empty for root fields. `@` stands for every item of a list. */
  readonly path: string;
  /** What must be known of an object to ask for it; null for root fields. */
  readonly requires: string | null;
  readonly selects: string;
}

/** The tree of a plan; null when nothing is fetched. */
export function explainPlan({ node }: QueryPlan): ExplainedNode | null {
  if (!node) return null;
  if (node.kind !== 'Subscription') return toNode(node, []);
  const nodes = [node.primary, ...(node.rest ? [node.rest] : [])].map((child) => toNode(child, []));
  return { kind: 'sequence', nodes };
}

type Path = readonly (string | number)[];

function toNode(node: PlanNode, path: Path): ExplainedNode {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((child) => toNode(child, path)) };
    case 'Parallel':
      return { kind: 'parallel', nodes: node.nodes.map((child) => toNode(child, path)) };
    case 'Flatten':
      return toNode(node.node, [...path, ...node.path]);
    case 'Condition': {
      const branch = (child: PlanNode | undefined) => (child ? toNode(child, path) : null);
      return {
        kind: 'condition',
        variable: node.condition,
        yes: branch(node.ifClause),
        no: branch(node.elseClause),
      };
    }
    case 'Defer': {
      const { primary, deferred } = node;
      return {
        kind: 'defer',
        primary: primary.node ? toNode(primary.node, path) : null,
        deferred: deferred.map(({ label, node: part }) => ({
          label: label ?? null,
          node: part ? toNode(part, path) : null,
        })),
      };
    }
    case 'Fetch':
      return toFetch(node, path);
  }
}

function toFetch(node: FetchNode, path: Path): ExplainedFetch {
  const { requires } = node;
  return {
    kind: 'fetch',
    subgraph: node.serviceName,
    path: path.join('.'),
    requires: requires ? toText(requires) : null,
    selects: selectionOf(node.operation, requires !== undefined),
  };
}

/** A fetch's own selection: of an entity fetch, what it selects on the entities. */
function selectionOf(operation: string, isEntityFetch: boolean): string {
  const { definitions } = parse(operation, { noLocation: true });
  const root = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)?.selectionSet;
  const [first] = root?.selections ?? [];
  const set = isEntityFetch && first?.kind === Kind.FIELD ? first.selectionSet : root;
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return [squeeze(set), ...fragments.map((fragment) => print(fragment).replace(/\s+/g, ' '))].join(' ');
}

function squeeze(set: SelectionSetNode | undefined): string {
  return set ? print(set).replace(/\s+/g, ' ') : '{ }';
}

function toText(selections: NonNullable<FetchNode['requires']>): string {
  const texts = selections.map((node) => {
    const head = node.kind === 'Field' ? node.name : `... on ${node.typeCondition ?? ''}`;
    return node.selections?.length ? `${head} ${toText(node.selections)}` : head;
  });
  return `{ ${texts.join(' ')} }`;
}

/** The tree as indented lines. */
export function toPlanLines(node: ExplainedNode | null, depth = 0): string[] {
  const line = (text: string) => `${'  '.repeat(depth)}${text}`;
  if (!node) return [line('nothing is fetched')];
  const below = (child: ExplainedNode | null, extra = 1) => toPlanLines(child, depth + extra);
  switch (node.kind) {
    case 'sequence':
    case 'parallel':
      return [line(node.kind), ...node.nodes.flatMap((child) => below(child))];
    case 'condition':
      return [
        ...(node.yes ? [line(`if $${node.variable}`), ...below(node.yes)] : []),
        ...(node.no ? [line(`unless $${node.variable}`), ...below(node.no)] : []),
      ];
    case 'defer':
      return [
        line('first'),
        ...below(node.primary),
        ...node.deferred.flatMap(({ label, node: part }) => [line(`later ${label ?? ''}`.trimEnd()), ...below(part)]),
      ];
    case 'fetch': {
      const at = node.path === '' ? '' : ` at ${node.path}`;
      const requires = node.requires === null ? '' : ` ${node.requires} =>`;
      return [line(`${node.subgraph}${at}:${requires} ${node.selects}`)];
    }
  }
}
