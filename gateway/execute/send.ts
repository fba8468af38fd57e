import { AppError } from '../../lib/errors.ts';
import type { SubgraphResponse } from '../transport/transport.ts';
import type { FetchStep } from './compile-plan.ts';
import type { Execution } from './execution.ts';
import { isRecord, newRecord } from './record.ts';

/**
 * Sends a fetch with those of the operation's variables that it uses, and `extra` ones. Nothing is sent once the client has
 * gone. Rejects with an AppError when no GraphQL response came.
 */
export async function sendTo(
  step: FetchStep,
  extra: Readonly<Record<string, unknown>>,
  { transport, context, variables }: Execution,
): Promise<SubgraphResponse> {
  const { subgraph, operation } = step;
  const { identity, requestId, signal } = context;
  if (signal.aborted)
    throw new AppError('SUBGRAPH_UNAVAILABLE', `The service ${subgraph} was not asked: the client left.`);
  const used = newRecord();
  for (const name of step.variables) if (Object.hasOwn(variables, name)) used[name] = variables[name];
  Object.assign(used, extra);
  const response: unknown = await transport.send({
    subgraph,
    operation,
    variables: used,
    identity,
    requestId,
    signal,
    ...(context.headers ? { clientHeaders: context.headers } : {}),
    ...(context.onExchange ? { onExchange: context.onExchange } : {}),
    ...(context.correlation ? { correlation: context.correlation } : {}),
  });
  if (!isResponse(response))
    throw new AppError('SUBGRAPH_INVALID_RESPONSE', `The service ${subgraph} did not answer with a GraphQL response.`);
  return response;
}

function isResponse(value: unknown): value is SubgraphResponse {
  if (!isRecord(value)) return false;
  return value['errors'] === undefined || (Array.isArray(value['errors']) && value['errors'].every(isRecord));
}
