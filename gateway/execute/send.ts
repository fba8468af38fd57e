import { AppError } from '../../lib/errors.ts';
import { toSubgraphResponse } from '../transport/response-body.ts';
import type { SubgraphOperation, SubgraphRequest, SubgraphResponse } from '../transport/transport.ts';
import type { Execution } from './execution.ts';
import type { FetchedReply } from './fast-path.ts';
import { isRecord } from './record.ts';

/** What is sent: an operation, which of the client's variables it takes, and representations as JSON by variable. */
export interface Outgoing {
  readonly subgraph: string;
  readonly operation: SubgraphOperation;
  readonly variables: readonly string[];
  readonly representations: readonly { readonly variable: string; readonly texts: readonly string[] }[];
}

/**
 * Sends an operation, or takes the reply to it that is there already. Nothing is sent once the client has gone. Rejects
 * with an AppError when no GraphQL response came. The response belongs to the caller, who may change its objects.
 */
export async function sendTo(
  outgoing: Outgoing,
  reply: FetchedReply | undefined,
  execution: Execution,
): Promise<SubgraphResponse> {
  const { subgraph } = outgoing;
  const variablesJson = writeVariables(outgoing, execution.variables);
  if (reply?.variablesJson === variablesJson) return readReply(reply, subgraph);
  if (execution.context.signal.aborted)
    throw new AppError('SUBGRAPH_UNAVAILABLE', `The service ${subgraph} was not asked: the client left.`);
  const response: unknown = await execution.transport.send(toRequest(outgoing, variablesJson, execution));
  if (!isResponse(response))
    throw new AppError('SUBGRAPH_INVALID_RESPONSE', `The service ${subgraph} did not answer with a GraphQL response.`);
  return response;
}

/** The variables of a request as JSON: representations first, then those of the client's that are given. */
export function writeVariables(
  { variables, representations }: Pick<Outgoing, 'variables' | 'representations'>,
  given: Readonly<Record<string, unknown>>,
): string {
  const members = representations.map(({ variable, texts }) => `${JSON.stringify(variable)}:[${texts.join(',')}]`);
  for (const name of variables) {
    if (representations.some(({ variable }) => variable === name)) continue;
    const json = Object.hasOwn(given, name) ? JSON.stringify(given[name]) : undefined;
    if (json !== undefined) members.push(`${JSON.stringify(name)}:${json}`);
  }
  return `{${members.join(',')}}`;
}

function readReply({ outcome }: FetchedReply, subgraph: string): SubgraphResponse {
  if ('error' in outcome) throw outcome.error;
  return toSubgraphResponse(outcome.response.status, outcome.response.bytes, subgraph);
}

/** A request with these variables. They are parsed only for transports that want objects. */
export function toRequest(
  { subgraph, operation }: Pick<Outgoing, 'subgraph' | 'operation'>,
  variablesJson: string,
  { context }: Pick<Execution, 'context'>,
): SubgraphRequest {
  const { identity, requestId, signal, headers, onExchange, correlation } = context;
  let variables: Readonly<Record<string, unknown>> | null = null;
  return {
    subgraph,
    operation,
    get variables() {
      variables ??= JSON.parse(variablesJson) as Readonly<Record<string, unknown>>;
      return variables;
    },
    variablesJson,
    identity,
    requestId,
    signal,
    ...(headers ? { clientHeaders: headers } : {}),
    ...(onExchange ? { onExchange } : {}),
    ...(correlation ? { correlation } : {}),
  };
}

function isResponse(value: unknown): value is SubgraphResponse {
  if (!isRecord(value)) return false;
  return value['errors'] === undefined || (Array.isArray(value['errors']) && value['errors'].every(isRecord));
}
