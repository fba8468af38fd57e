import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import type { Logger } from '../../lib/logger.ts';
import type { OperationContext } from '../engine.ts';
import type { ShapedOperation } from '../plan/prepare.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import { type CompiledPlan, compilePlan } from './compile-plan.ts';
import { createErrorLog } from './error-log.ts';
import type { Execution } from './execution.ts';
import { createFailures } from './failures.ts';
import { createIntrospection } from './introspect.ts';
import { projectEvent } from './project-event.ts';
import { newRecord } from './record.ts';
import { runPlan } from './run-plan.ts';
import { shapeAnswer } from './shape.ts';

/** Executes prepared operations. Neither function ever rejects. */
export interface Executor {
  execute(operation: ShapedOperation, context: OperationContext): Promise<ExecutionResult>;
  executeEvent(
    operation: ShapedOperation,
    payload: Readonly<Record<string, unknown>>,
    context: OperationContext,
  ): Promise<ExecutionResult>;
}

/** An executor for one supergraph: fetch → merge → shape. */
export function createExecutor(options: {
  supergraph: LoadedSupergraph;
  transport: SubgraphTransport;
  logger: Logger;
}): Executor {
  const { supergraph, transport, logger } = options;
  const { schema, fullSchema } = supergraph;

  const begin = ({ variables }: ShapedOperation, context: OperationContext): Execution => {
    const [log, failures] = [createErrorLog(), createFailures()];
    return { fullSchema, transport, context, variables, data: newRecord(), log, failures };
  };
  const finish = (operation: ShapedOperation, { data, log, failures }: Execution): ExecutionResult => {
    const { selection, variables, kind, denied } = operation;
    const root = schema.getRootType(kind);
    if (!root) return refusal('The operation has no root type.');
    const introspect = createIntrospection(schema, selection, variables);
    const shaping = { schema, log, failures, introspect, hiddenTypes: selection.hiddenTypes };
    const shaped = shapeAnswer(selection.forVariables(variables), root, data, shaping);
    return toResult(shaped, [...log.errors, ...denied]);
  };
  const guarded = async (context: OperationContext, run: () => Promise<ExecutionResult>): Promise<ExecutionResult> => {
    try {
      return await run();
    } catch (error) {
      logger.error({ err: error, requestId: context.requestId }, 'The execution of an operation failed.');
      return refusal('Something failed inside.');
    }
  };
  return {
    execute: (operation, context) =>
      guarded(context, async () => {
        if (operation.kind === 'subscription') return refusal('A subscription is executed event by event.');
        const execution = begin(operation, context);
        const plan = planOf(operation);
        if (plan?.rest) await runPlan(plan.rest, execution);
        return finish(operation, execution);
      }),
    executeEvent: (operation, payload, context) =>
      guarded(context, async () => {
        const plan = planOf(operation);
        const begun = begin(operation, context);
        const { variables, failures } = begun;
        const primary = plan?.primary;
        const data = primary ? projectEvent({ schema: fullSchema, primary, payload, variables, failures }) : begun.data;
        const execution = { ...begun, data };
        if (plan?.rest) await runPlan(plan.rest, execution);
        return finish(operation, execution);
      }),
  };
}

function planOf({ plan }: ShapedOperation): CompiledPlan | null {
  return plan && compilePlan(plan);
}

function toResult(data: Record<string, unknown> | null, errors: readonly GraphQLFormattedError[]): ExecutionResult {
  return errors.length === 0 ? { data } : { errors: errors.map(toGraphQLError), data };
}

/** Instances, because servers that take our executor expect them; their JSON is the formatted error. */
function toGraphQLError({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? {} });
}

function refusal(message: string): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions: { code: 'INTERNAL' } })] };
}
