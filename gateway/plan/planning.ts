import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { type DocumentNode, type GraphQLSchema, Kind, parse, visit } from 'graphql';
import { toPlannerSupergraph } from '../supergraph/repairs/planner-supergraph.ts';
import type { Plan } from './plan.ts';
import { protectLiterals } from './repairs/exact-literals.ts';
import { repairRequirements } from './repairs/requirement-fetches.ts';
import { indexRequirements } from './repairs/requirement-index.ts';
import { buildSoundPlan, UnsoundPlan } from './repairs/sound-plan.ts';
import { listUnreachable } from './repairs/unreachable-fields.ts';

/** The plan of an operation as JSON, or why the planner refused it. */
export type PlanningResult =
  | { readonly plan: string }
  /** `isUnsound`: there is a plan, but what it brings would be wrong. */
  | { readonly error: string; readonly isUnsound: boolean };

/** What a plan depends on besides the operation. */
export interface PlanningOptions {
  /** Labels of `@override` that are on. @default none */
  readonly labels?: readonly string[];
}

/**
 * Apollo's planner for a supergraph that has been validated already. The function never throws, blocks its thread, and has
 * no bound in time or memory: a server runs it in a thread that can be killed (planner-worker.ts). It plans `@defer` wherever
 * the operation has it and the planner can; what the planner cannot defer comes at once.
 */
export function createPlanning(sdl: string): (text: string, options?: PlanningOptions) => PlanningResult {
  const repaired = toPlannerSupergraph(sdl);
  const requirements = indexRequirements(repaired);
  const supergraph = Supergraph.build(repaired.document, { supportedFeatures: null, validateSupergraph: false });
  const schema = supergraph.apiSchema();
  let known: GraphQLSchema | null = null;
  const graphqlSchema = () => {
    known ??= schema.toGraphQLJSSchema({ includeDefer: true });
    return known;
  };
  const planner = new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } });
  const planDocument = (document: DocumentNode, labels: readonly string[]): Plan => {
    const { document: given, restore } = protectLiterals(document, graphqlSchema);
    const operation = operationFromDocument(schema, given, { validate: false });
    const overrideConditions = new Map(labels.map((label) => [label, true]));
    const planned = buildSoundPlan(() => planner.buildQueryPlan(operation, { overrideConditions }), supergraph);
    return withUnreachable(repairRequirements(restore(planned), requirements), document);
  };
  return (text, { labels = [] } = {}) => {
    try {
      const document = parse(text, { noLocation: true });
      try {
        return { plan: JSON.stringify(planDocument(document, labels)) };
      } catch (error) {
        // The planner cannot plan some valid nestings of @defer; to defer nothing is always allowed.
        if (!text.includes('@defer')) throw error;
        return { plan: JSON.stringify(planDocument(withoutDefer(document), labels)) };
      }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error), isUnsound: error instanceof UnsoundPlan };
    }
  };
}

function withoutDefer(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: ({ name }) => (name.value === 'defer' ? null : undefined) });
}

function withUnreachable(plan: QueryPlan, document: DocumentNode): Plan {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const unreachable = operation ? listUnreachable(operation, plan) : [];
  return unreachable.length === 0 ? plan : { ...plan, unreachable };
}
