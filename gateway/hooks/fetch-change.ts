import type { ExchangeFacts, SubgraphRequest, SubgraphResponse } from '../transport/transport.ts';
import { deriveRequest } from './derived-request.ts';
import type { HookedOperation } from './hooked-operations.ts';
import type { FetchChange, FetchEvent } from './hooks.ts';

/** The operation a fetch belongs to; null where it was not prepared by the gateway that sends it. */
export type FetchOrigin = Pick<HookedOperation, 'context'> & {
  readonly operation: HookedOperation['operation'] | null;
};

/** A fetch as hooks see it. */
export function toFetchEvent(request: SubgraphRequest, { context, operation }: FetchOrigin): FetchEvent {
  const { subgraph, headers = {} } = request;
  const { kind, text } = request.operation;
  return {
    subgraph,
    kind,
    text,
    headers,
    operation,
    context,
    get variables() {
      return request.variables;
    },
  };
}

/** A request as a fetch hook wants it. */
export function applyFetchChange(request: SubgraphRequest, { headers, variables }: FetchChange): SubgraphRequest {
  if (!headers && !variables) return request;
  return deriveRequest(request, {
    ...(headers ? { headers: { ...request.headers, ...headers } } : {}),
    ...(variables ? { variables } : {}),
  });
}

/** How a fetch went that a hook answered: nothing was sent. */
export function toAnsweredFacts({ subgraph, operation }: SubgraphRequest, hook: string): ExchangeFacts {
  const nothing = { ms: 0, sentBytes: null, receivedBytes: null, status: null, attempts: 0, error: null };
  return { subgraph, kind: operation.kind, ...nothing, verdicts: [`answered-by-hook:${hook}`] };
}

/** Between responses as a transport has them and as hooks do. */
export interface ResponseForm<Response> {
  /** Null when a hook is not shown it. */
  show(response: Response): SubgraphResponse | null;
  from(response: SubgraphResponse): Response;
}
