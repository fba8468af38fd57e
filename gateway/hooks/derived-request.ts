import type { SubgraphRequest } from '../transport/transport.ts';

/** What may be changed of a fetch on its way to the transport. */
export type RequestChanges = Partial<Pick<SubgraphRequest, 'headers' | 'variables' | 'onExchange'>>;

/** Every member, so that none is forgotten when there is one more. */
type Complete = { [Name in keyof Required<SubgraphRequest>]: SubgraphRequest[Name] | undefined };

/** A request with changes. Variables that nobody read yet stay unread: they may be text that only a reader makes objects of. */
export function deriveRequest(request: SubgraphRequest, changes: RequestChanges): SubgraphRequest {
  // Member by member: a copy in a loop costs several times as much, and every traced fetch is derived.
  const derived = {
    subgraph: request.subgraph,
    operation: request.operation,
    get variables() {
      return changes.variables ?? request.variables;
    },
    variablesJson: changes.variables ? undefined : request.variablesJson,
    identity: request.identity,
    requestId: request.requestId,
    signal: request.signal,
    clientHeaders: request.clientHeaders,
    onExchange: changes.onExchange ?? request.onExchange,
    headers: changes.headers ?? request.headers,
    correlation: request.correlation,
  } satisfies Complete;
  // Optional members are there and undefined, which readers of the contract cannot tell from absent.
  return derived as SubgraphRequest;
}
