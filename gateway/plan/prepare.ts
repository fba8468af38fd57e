import { randomUUID } from 'node:crypto';
import type { FragmentDefinitionNode, GraphQLSchema } from 'graphql';
import type { Identity } from '../../lib/identity.ts';
import type { Audiences, SchemaView } from '../audience/audiences.ts';
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
  readonly audiences: Audiences;
  readonly plans: PlanCache;
  readonly limits: Limits;
  readonly authorization: 'prune' | 'reject';
  /** Whether a label of `@override` is on for a request. @default none is, but `percent(N)` by the request id */
  readonly overrideLabel?: (label: string, context: OperationContext | undefined) => boolean;
}

/** Documents, forms and plans kept. */
export const CACHE_SIZE = 2_000;
const NO_FRAGMENTS: ReadonlyMap<string, FragmentDefinitionNode> = new Map();

/**
 * limit → parse → validate → normalise → coerce → prune by rights → plan. The function rejects with OperationRejected, nothing
 * else.
 */
export function createPreparation(
  options: PreparationOptions,
): (request: GraphQLRequest, identity: Identity | null, context?: OperationContext) => Promise<ShapedOperation> {
  const { supergraph, audiences, plans, limits, authorization, overrideLabel } = options;
  const { policy, overrideLabels, inputNames } = supergraph;
  const readerOf = createReaders(limits);
  const rightsOf = createRightsViews(supergraph);

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
    const view = audiences.viewOf(identity);
    const { schema, audience } = view;
    const visible = () => view.visible;
    const { document, operation, normal, literals, deferLabels } = readerOf(schema)(request, visible);
    const coerced = coerceVariables(schema, operation, request.variables, visible);
    const variables = { ...coerced, ...literals, __proto__: null };
    const { pruned, text, selection } = rightsOf(normal, view, identity);
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
    return { kind, name, document, variables, plan, denied, selection, deferLabels, preparation, audience };
  };
  return async (request, identity, context) => {
    try {
      return await prepare(request, identity, context);
    } catch (error) {
      throw toRejection(error);
    }
  };
}

/** A reader for each schema that some audience has. */
function createReaders(limits: Limits): (schema: GraphQLSchema) => ReturnType<typeof createOperationReader> {
  const readers = new Map<GraphQLSchema, ReturnType<typeof createOperationReader>>();
  return (schema) => {
    const reader = readers.get(schema) ?? createOperationReader({ schema, limits, cacheSize: CACHE_SIZE });
    readers.set(schema, reader);
    return reader;
  };
}

/** What becomes of a form for callers of one view is worked out once, and kept as long as both are. */
function createRightsViews({
  policy,
  inputNames,
}: LoadedSupergraph): (form: NormalOperation, view: SchemaView, identity: Identity | null) => RightsView {
  const known = new WeakMap<NormalOperation, WeakMap<SchemaView, RightsView>>();
  const build = ({ operation }: NormalOperation, view: SchemaView, identity: Identity | null): RightsView => {
    const shared = { schema: view.schema, operation, inputNames };
    const pruned = pruneOperation({ ...shared, isDenied: deniedTo(identity, policy) });
    const selection = createClientSelection({
      ...shared,
      fragments: NO_FRAGMENTS,
      denied: pruned.denied,
      hiddenTypes: listHiddenTypes(identity, policy),
      introspected: () => view.visible,
    });
    return { pruned, text: planTextOf(pruned.operation), selection };
  };
  return (form, view, identity) => {
    const ofForm = known.get(form) ?? new WeakMap<SchemaView, RightsView>();
    known.set(form, ofForm);
    const rights = ofForm.get(view) ?? build(form, view, identity);
    ofForm.set(view, rights);
    return rights;
  };
}
