import type { FetchNode } from '@apollo/query-planner';
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { SubgraphOperation } from '../transport/transport.ts';
import type { PlanPath } from './targets.ts';

/** What a fetch reads of the objects it is about. */
export type Requires = NonNullable<FetchNode['requires']>;
/** Changes the planner asks for, on the way to a subgraph or back. */
export type Rewrites = NonNullable<FetchNode['inputRewrites']>;

/** One fetch of the planner: an operation for one subgraph, about the objects at a path. Immutable, made once a plan. */
export interface PlannedFetch {
  /** Its place in the plan; smaller is earlier. Unique within a schedule, deferred blocks included. */
  readonly index: number;
  /** The planner's own id, to which deferred blocks refer. */
  readonly id: string | null;
  readonly subgraph: string;
  /** Where the objects are that this fetch is about; empty for the root. Absolute. */
  readonly path: PlanPath;
  /** As the planner wrote it. */
  readonly operation: SubgraphOperation;
  readonly definition: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The client's variables that the operation uses. */
  readonly variables: readonly string[];
  /** What represents an object to the subgraph; null for a fetch of root fields. */
  readonly requires: Requires | null;
  /** What is selected on each object at the path. */
  readonly selection: SelectionSetNode;
  readonly inputRewrites: Rewrites;
  readonly outputRewrites: Rewrites;
}

/** Reads a fetch node. AppError INTERNAL for what this executor cannot run. */
export function toPlannedFetch(node: FetchNode, path: PlanPath, index: number): PlannedFetch {
  // Supergraphs with @context are refused when they are loaded (supergraph/features.ts).
  if (node.contextRewrites?.length)
    throw new AppError('INTERNAL', 'The plan uses @fromContext, which is not supported.');
  const document = parse(node.operation, { noLocation: true });
  const definition = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!definition) throw new AppError('INTERNAL', 'The plan has a fetch without an operation.');
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const { inputRewrites = [], outputRewrites = [], requires = null } = node;
  return {
    index,
    id: node.id ?? null,
    subgraph: node.serviceName,
    path,
    operation: {
      kind: node.operationKind === 'mutation' ? 'mutation' : 'query',
      text: node.operation,
      document,
      ...(node.operationName ? { name: node.operationName } : {}),
    },
    definition,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
    variables: node.variableUsages ?? [],
    requires,
    selection: requires ? entitySelection(definition) : definition.selectionSet,
    inputRewrites,
    outputRewrites,
  };
}

function entitySelection({ selectionSet }: OperationDefinitionNode): SelectionSetNode {
  const [entities, more] = selectionSet.selections;
  if (entities?.kind === Kind.FIELD && entities.name.value === '_entities' && entities.selectionSet && !more)
    return entities.selectionSet;
  throw new AppError('INTERNAL', 'The plan has an entity fetch that asks for something else.');
}
