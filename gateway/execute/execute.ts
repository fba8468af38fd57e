import type { ExecutionResult } from 'graphql';
import type { Logger } from '../../lib/logger.ts';
import { Answer } from '../answer.ts';
import type { OperationContext } from '../engine.ts';
import type { ShapedOperation } from '../plan/prepare.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import { createRequestCompiler } from './compile-request.ts';
import { createErrorLog } from './error-log.ts';
import { executeDeferred } from './execute-deferred.ts';
import type { Execution } from './execution.ts';
import { createFailures } from './failures.ts';
import type { FastPath, FetchedReply } from './fast-path.ts';
import { createFinish, refusal } from './finish.ts';
import { primaryOf, projectEvent } from './project-event.ts';
import { newRecord } from './record.ts';
import { runRequests } from './run-schedule.ts';
import { scheduleOf } from './schedule/schedule-of.ts';

/** Executes prepared operations. Neither function ever rejects. */
export interface Executor {
  execute(operation: ShapedOperation, context: OperationContext): Promise<Answer>;
  executeEvent(
    operation: ShapedOperation,
    payload: Readonly<Record<string, unknown>>,
    context: OperationContext,
  ): Promise<ExecutionResult>;
}

/** What an executor is made of. */
export interface ExecutorOptions {
  readonly supergraph: LoadedSupergraph;
  readonly transport: SubgraphTransport;
  readonly logger: Logger;
  /** A shorter way that is tried first. @default none */
  readonly fast?: FastPath;
}

const NO_REPLIES: ReadonlyMap<number, FetchedReply> = new Map();

/** An executor for one supergraph: fetch → merge → shape. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { supergraph, transport, logger, fast } = options;
  const { fullSchema } = supergraph;
  const compile = createRequestCompiler(fullSchema);
  const finish = createFinish();

  const begin = ({ variables }: ShapedOperation, context: OperationContext, replies = NO_REPLIES): Execution => {
    const [log, failures] = [createErrorLog(), createFailures()];
    return { fullSchema, transport, compile, context, variables, replies, data: newRecord(), log, failures };
  };
  const report = ({ requestId }: OperationContext, error: unknown): void => {
    logger.error({ err: error, requestId }, 'The execution of an operation failed.');
  };
  const execute = async (operation: ShapedOperation, context: OperationContext): Promise<Answer> => {
    const { plan, kind, variables } = operation;
    if (kind === 'subscription') return Answer.ofResult(refusal('A subscription is executed event by event.'));
    const schedule = plan && scheduleOf(plan, variables);
    if (schedule && schedule.deferred.length > 0)
      return executeDeferred(operation, schedule, begin(operation, context), {
        finish,
        onFailure: (error) => report(context, error),
      });
    const outcome = schedule && (await fast?.tryExecute(operation, context, schedule));
    if (outcome?.kind === 'answered') return outcome.answer;
    const execution = begin(operation, context, outcome?.replies);
    if (schedule) await runRequests(schedule.primary, execution, new Map());
    return Answer.ofResult(finish.whole(operation, execution));
  };
  const executeEvent: Executor['executeEvent'] = async (operation, payload, context) => {
    const { plan, variables } = operation;
    const begun = begin(operation, context);
    const { failures } = begun;
    const primary = plan && primaryOf(plan);
    const data = primary ? projectEvent({ schema: fullSchema, primary, payload, variables, failures }) : begun.data;
    const execution = { ...begun, data };
    if (plan) await runRequests(scheduleOf(plan, variables).primary, execution, new Map());
    return finish.whole(operation, execution);
  };
  const refuse = (context: OperationContext, error: unknown): ExecutionResult => {
    report(context, error);
    return refusal('Something failed inside.');
  };
  return {
    execute: (operation, context) =>
      execute(operation, context).catch((error: unknown) => Answer.ofResult(refuse(context, error))),
    executeEvent: (operation, payload, context) =>
      executeEvent(operation, payload, context).catch((error: unknown) => refuse(context, error)),
  };
}
