import { createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Identity } from '../../lib/identity.ts';
import type { GraphQLRequest, PreparationFacts, PreparedOperation } from '../engine.ts';
import { OperationRejected } from '../engine.ts';
import { type ClientSelection, createClientSelection } from '../execute/client-selection.ts';
import type { Limits } from '../options.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import { deniedTo, listDenials, listHiddenTypes } from './denials.ts';
import { normalise } from './normalise.ts';
import { createPlanCache } from './plan-cache.ts';
import type { Planner } from './planner.ts';
import { type PrunedDocument, pruneDocument } from './prune.ts';
import { createOperationReader, type ReadOperation } from './read-operation.ts';
import { toRejection } from './rejection.ts';
import { coerceVariables } from './variables.ts';

/** A prepared operation with the shape of its answer, which execution needs. */
export interface ShapedOperation extends PreparedOperation {
  readonly selection: ClientSelection;
}

/** An operation as callers with the same scopes get it. */
interface RightsView {
  readonly pruned: PrunedDocument;
  /** What is planned; null when nothing is left. */
  readonly text: string | null;
  readonly selection: ClientSelection;
}

const CACHE_SIZE = 2_000;
/** Views of one document by distinct sets of scopes. */
const VIEWS_PER_DOCUMENT = 32;

/** limit → parse → validate → coerce → prune by rights → plan. The function rejects with OperationRejected, nothing else. */
export function createPreparation(options: {
  supergraph: LoadedSupergraph;
  planner: Planner;
  limits: Limits;
  authorization: 'prune' | 'reject';
}): (request: GraphQLRequest, identity: Identity | null) => Promise<ShapedOperation> {
  const { supergraph, planner, limits, authorization } = options;
  const { schema, policy } = supergraph;
  const readOperation = createOperationReader({ schema, limits, cacheSize: CACHE_SIZE });
  const viewOf = createViews(supergraph);
  const plans = createPlanCache({ planner, limit: CACHE_SIZE });

  const prepare = async (request: GraphQLRequest, identity: Identity | null): Promise<ShapedOperation> => {
    const start = performance.now();
    const read = readOperation(request);
    const { document, operation, fragments } = read;
    const variables = coerceVariables(schema, operation, request.variables);
    const { pruned, text, selection } = viewOf(read, identity);
    const denied = listDenials({ schema, operation, fragments, denied: pruned.denied, variables, identity, policy });
    if (authorization === 'reject' && denied.length > 0) throw new OperationRejected(denied, 403);
    const readAt = performance.now();
    const found = text === null ? null : plans.get(text);
    const plan = await found;
    const preparation: PreparationFacts = {
      readMs: readAt - start,
      planMs: performance.now() - readAt,
      plan: found === null ? 'none' : found === plan ? 'hit' : 'miss',
    };
    const name = operation.name?.value ?? null;
    return { kind: operation.operation, name, document, variables, plan, denied, selection, preparation };
  };
  return async (request, identity) => {
    try {
      return await prepare(request, identity);
    } catch (error) {
      throw toRejection(error);
    }
  };
}

function createViews(supergraph: LoadedSupergraph): (read: ReadOperation, identity: Identity | null) => RightsView {
  const { schema, policy, inputNames } = supergraph;
  const views = new WeakMap<ReadOperation, ReturnType<typeof createBoundedCache<RightsView>>>();
  const build = ({ operation, fragments }: ReadOperation, identity: Identity | null): RightsView => {
    const shared = { schema, operation, fragments, inputNames };
    const pruned = pruneDocument({ ...shared, isDenied: deniedTo(identity, policy) });
    const hiddenTypes = listHiddenTypes(identity, policy);
    const selection = createClientSelection({ ...shared, denied: pruned.denied, hiddenTypes });
    return { pruned, text: normalise(pruned), selection };
  };
  return (read, identity) => {
    const ofDocument = views.get(read) ?? createBoundedCache<RightsView>(VIEWS_PER_DOCUMENT);
    views.set(read, ofDocument);
    const key = policy.empty ? '' : identity === null ? 'anonymous' : JSON.stringify([...identity.scopes].sort());
    const known = ofDocument.get(key);
    if (known) return known;
    const view = build(read, identity);
    ofDocument.set(key, view);
    return view;
  };
}
