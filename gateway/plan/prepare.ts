import { randomUUID } from 'node:crypto';
import type { FragmentDefinitionNode } from 'graphql';
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Identity } from '../../lib/identity.ts';
import type { GraphQLRequest, OperationContext, PreparationFacts, PreparedOperation } from '../engine.ts';
import { OperationRejected } from '../engine.ts';
import { type ClientSelection, createClientSelection } from '../execute/client-selection.ts';
import type { Limits } from '../options.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import { activeLabels, type LabelChoice } from '../supergraph/override-labels.ts';
import { deniedTo, listDenials, listHiddenTypes } from './denials.ts';
import type { NormalOperation } from './normalise/normalise-operation.ts';
import type { PlanCache } from './plan-cache.ts';
import { planTextOf } from './plan-text.ts';
import { type PrunedOperation, pruneOperation } from './prune.ts';
import { createOperationReader } from './read-operation.ts';
import { toRejection } from './rejection.ts';
import { listUnreachableErrors } from './unreachable.ts';
import { coerceVariables } from './variables.ts';

/** A prepared operation with the shape of its answer, which execution needs. */
export interface ShapedOperation extends PreparedOperation {
  /** Of the operation in normal form: without fragment spreads, and shared by all documents of that form. */
  readonly selection: ClientSelection;
  /** The client's label for each that the plan's deferred blocks and the selection's `@defer` have; null where it gave none. */
  readonly deferLabels: ReadonlyMap<string, string | null>;
}

/** An operation as callers with the same scopes get it. */
interface RightsView {
  readonly pruned: PrunedOperation;
  /** What is planned; null when nothing is left. */
  readonly text: string | null;
  readonly selection: ClientSelection;
}

/** What preparation is made of. */
export interface PreparationOptions {
  readonly supergraph: LoadedSupergraph;
  readonly plans: PlanCache;
  readonly limits: Limits;
  readonly authorization: 'prune' | 'reject';
  /** Whether a label of `@override` is on for a request. @default none is, but `percent(N)` by the request id */
  readonly overrideLabel?: (label: string, context: OperationContext | undefined) => boolean;
}

/** Documents, forms and plans kept. */
export const CACHE_SIZE = 2_000;
/** Views of one form by distinct sets of scopes. */
const VIEWS_PER_FORM = 32;
const NO_FRAGMENTS: ReadonlyMap<string, FragmentDefinitionNode> = new Map();

/**
 * limit → parse → validate → normalise → coerce → prune by rights → plan. The function rejects with OperationRejected, nothing
 * else.
 */
export function createPreparation(
  options: PreparationOptions,
): (request: GraphQLRequest, identity: Identity | null, context?: OperationContext) => Promise<ShapedOperation> {
  const { supergraph, plans, limits, authorization, overrideLabel } = options;
  const { schema, policy, overrideLabels, inputNames } = supergraph;
  const readOperation = createOperationReader({ schema, limits, cacheSize: CACHE_SIZE });
  const viewOf = createViews(supergraph);

  const labelsFor = (context: OperationContext | undefined): readonly string[] => {
    if (overrideLabels.length === 0) return overrideLabels;
    const choose: LabelChoice | undefined = overrideLabel && ((label) => overrideLabel(label, context));
    return activeLabels(overrideLabels, context?.requestId ?? randomUUID(), choose);
  };
  const prepare = async (
    request: GraphQLRequest,
    identity: Identity | null,
    context: OperationContext | undefined,
  ): Promise<ShapedOperation> => {
    const start = performance.now();
    const { document, operation, normal, literals, deferLabels } = readOperation(request);
    const variables = { ...coerceVariables(schema, operation, request.variables), ...literals, __proto__: null };
    const { pruned, text, selection } = viewOf(normal, identity);
    const asked = { schema, operation: normal.operation, fragments: NO_FRAGMENTS, variables };
    const refused = listDenials({ ...asked, denied: pruned.denied, identity, policy });
    if (authorization === 'reject' && refused.length > 0) throw new OperationRejected(refused, 403);
    const readAt = performance.now();
    const found = text === null ? null : plans.get({ text, labels: labelsFor(context) });
    const plan = await found;
    const preparation: PreparationFacts = {
      readMs: readAt - start,
      planMs: performance.now() - readAt,
      plan: found === null ? 'none' : found === plan ? 'hit' : 'miss',
    };
    const denied = [...refused, ...listUnreachableErrors(plan, { ...asked, inputNames })];
    const name = operation.name?.value ?? null;
    const { operation: kind } = operation;
    return { kind, name, document, variables, plan, denied, selection, deferLabels, preparation };
  };
  return async (request, identity, context) => {
    try {
      return await prepare(request, identity, context);
    } catch (error) {
      throw toRejection(error);
    }
  };
}

function createViews(supergraph: LoadedSupergraph): (form: NormalOperation, identity: Identity | null) => RightsView {
  const { schema, policy, inputNames } = supergraph;
  const views = new WeakMap<NormalOperation, ReturnType<typeof createBoundedCache<RightsView>>>();
  const build = ({ operation }: NormalOperation, identity: Identity | null): RightsView => {
    const pruned = pruneOperation({ schema, operation, inputNames, isDenied: deniedTo(identity, policy) });
    const hiddenTypes = listHiddenTypes(identity, policy);
    const shape = { schema, operation, fragments: NO_FRAGMENTS, inputNames, denied: pruned.denied, hiddenTypes };
    return { pruned, text: planTextOf(pruned.operation), selection: createClientSelection(shape) };
  };
  return (form, identity) => {
    const ofForm = views.get(form) ?? createBoundedCache<RightsView>(VIEWS_PER_FORM);
    views.set(form, ofForm);
    const key = policy.empty ? '' : identity === null ? 'anonymous' : JSON.stringify([...identity.scopes].sort());
    const known = ofForm.get(key);
    if (known) return known;
    const view = build(form, identity);
    ofForm.set(key, view);
    return view;
  };
}
