import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { SubgraphOperation } from '../transport/transport.ts';
import type { PlanPath } from './targets.ts';

/** A plan as the executor walks it: documents parsed once, paths absolute. */
export type Step =
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly Step[] }
  | {
      readonly kind: 'condition';
      readonly variable: string;
      readonly whenTrue: Step | null;
      readonly whenFalse: Step | null;
    }
  | FetchStep;

/** One operation for one subgraph, about the objects at a path. */
export interface FetchStep {
  readonly kind: 'fetch';
  readonly subgraph: string;
  readonly path: PlanPath;
  readonly operation: SubgraphOperation;
  readonly variables: readonly string[];
  /** What represents an object to the subgraph; null for a fetch of root fields. */
  readonly requires: NonNullable<FetchNode['requires']> | null;
  readonly inputRewrites: NonNullable<FetchNode['inputRewrites']>;
  readonly outputRewrites: NonNullable<FetchNode['outputRewrites']>;
  /** Response names this fetch sets on the objects at its path: what is missing when it fails. */
  readonly keys: ReadonlySet<string>;
}

/** A compiled plan. `primary` is the fetch an event stands in for; only subscriptions have one. */
export interface CompiledPlan {
  readonly primary: DocumentNode | null;
  readonly rest: Step | null;
}

const compiled = new WeakMap<QueryPlan, CompiledPlan>();

/** Compiles a plan once; the same object gives the same result. AppError INTERNAL on a node this executor cannot run. */
export function compilePlan(plan: QueryPlan): CompiledPlan {
  const known = compiled.get(plan);
  if (known) return known;
  const { node } = plan;
  const result: CompiledPlan =
    node?.kind === 'Subscription'
      ? { primary: parse(node.primary.operation, { noLocation: true }), rest: node.rest ? toStep(node.rest, []) : null }
      : { primary: null, rest: node ? toStep(node, []) : null };
  compiled.set(plan, result);
  return result;
}

function toStep(node: PlanNode, path: PlanPath): Step {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', steps: node.nodes.map((child) => toStep(child, path)) };
    case 'Parallel':
      return { kind: 'parallel', steps: node.nodes.map((child) => toStep(child, path)) };
    case 'Flatten':
      return toStep(node.node, [...path, ...node.path]);
    case 'Condition': {
      const [whenTrue, whenFalse] = [node.ifClause, node.elseClause].map((child) => child && toStep(child, path));
      return { kind: 'condition', variable: node.condition, whenTrue: whenTrue ?? null, whenFalse: whenFalse ?? null };
    }
    case 'Fetch':
      return toFetch(node, path);
    case 'Defer':
      throw new AppError('INTERNAL', 'The plan defers, which this engine does not ask for.');
  }
}

function toFetch(node: FetchNode, path: PlanPath): FetchStep {
  if (node.contextRewrites?.length)
    throw new AppError('INTERNAL', 'The plan uses @fromContext, which is not supported.');
  const document = parse(node.operation, { noLocation: true });
  const { inputRewrites = [], outputRewrites = [] } = node;
  return {
    kind: 'fetch',
    subgraph: node.serviceName,
    path,
    operation: {
      kind: node.operationKind === 'mutation' ? 'mutation' : 'query',
      text: node.operation,
      document,
      ...(node.operationName ? { name: node.operationName } : {}),
    },
    variables: node.variableUsages ?? [],
    requires: node.requires ?? null,
    inputRewrites,
    outputRewrites,
    keys: keysOf(document, node.requires !== undefined, outputRewrites),
  };
}

function keysOf(document: DocumentNode, isEntityFetch: boolean, rewrites: FetchStep['outputRewrites']): Set<string> {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  );
  const keys = new Set<string>();
  const collect = (set: SelectionSetNode | undefined): void => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) collect(fragments.get(node.name.value));
      else if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
      else keys.add(node.alias?.value ?? node.name.value);
    }
  };
  const root = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)?.selectionSet;
  const [entities] = root?.selections ?? [];
  collect(isEntityFetch && entities?.kind === Kind.FIELD ? entities.selectionSet : root);
  for (const rewrite of rewrites) if (rewrite.kind === 'KeyRenamer') keys.add(rewrite.renameKeyTo);
  return keys;
}
