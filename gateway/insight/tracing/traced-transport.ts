import { deriveRequest } from '../../hooks/derived-request.ts';
import type { ExchangeFacts, SubgraphRequest, SubgraphTransport } from '../../transport/transport.ts';
import type { OperationTrace } from './operation-trace.ts';

/**
 * A transport whose fetches are spans of their operation, and which tells subgraphs so. `traceOf` finds the operation by what
 * its fetches carry. Closing it closes the one below.
 */
export function withFetchTraces(
  transport: SubgraphTransport,
  traceOf: (correlation: object | undefined) => OperationTrace | null,
): SubgraphTransport {
  async function traced<Response>(given: SubgraphRequest, send: (request: SubgraphRequest) => Promise<Response>) {
    const trace = traceOf(given.correlation);
    if (!trace) return send(given);
    const fetch = trace.fetch(given);
    const headers = given.headers ? { ...given.headers, ...fetch.headers } : fetch.headers;
    if (!fetch.end) return send(deriveRequest(given, { headers }));
    let facts: ExchangeFacts | null = null;
    const onExchange = (told: ExchangeFacts) => {
      facts = told;
      given.onExchange?.(told);
    };
    try {
      return await send(deriveRequest(given, { headers, onExchange }));
    } finally {
      fetch.end(facts);
    }
  }

  const { sendRaw } = transport;
  return {
    send: (given) => traced(given, (request) => transport.send(request)),
    ...(sendRaw ? { sendRaw: (given: SubgraphRequest) => traced(given, sendRaw) } : {}),
    close: () => transport.close(),
  };
}
