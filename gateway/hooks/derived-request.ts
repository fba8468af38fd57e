import type { SubgraphRequest } from '../transport/transport.ts';

/** What may be changed of a fetch on its way to the transport. */
export type RequestChanges = Partial<Pick<SubgraphRequest, 'headers' | 'variables' | 'onExchange'>>;

/** A request with changes. Variables that nobody read yet stay unread: they may be text that only a reader makes objects of. */
export function deriveRequest(request: SubgraphRequest, changes: RequestChanges): SubgraphRequest {
  const derived: Record<string, unknown> = {
    get variables() {
      return changes.variables ?? request.variables;
    },
  };
  for (const name in request) {
    if (name !== 'variables') derived[name] = request[name as keyof SubgraphRequest];
  }
  if (changes.variables) delete derived['variablesJson'];
  if (changes.headers) derived['headers'] = changes.headers;
  if (changes.onExchange) derived['onExchange'] = changes.onExchange;
  return derived as unknown as SubgraphRequest;
}
