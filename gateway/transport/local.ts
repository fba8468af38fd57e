import { setMaxListeners } from 'node:events';
import { AppError } from '../../lib/errors.ts';
import { newNotes, reportExchange } from './exchange-notes.ts';
import { unavailable } from './failures.ts';
import type { LocalSubgraph, SubgraphResponse, SubgraphTransport } from './transport.ts';

/** Settles as `work` does, or rejects as soon as the signal aborts: the work itself may go on unheard. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal, subgraph: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(unavailable(subgraph, signal.reason));
    // Every fetch of an operation listens.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * Reaches subgraphs that run in this process. Nothing is serialised: a response is the subgraph's own objects.
 * A subgraph that throws answers SUBGRAPH_UNAVAILABLE, with what it threw as the cause.
 */
export function createLocalTransport(subgraphs: readonly LocalSubgraph[]): SubgraphTransport {
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));

  async function execute(request: Parameters<SubgraphTransport['send']>[0]): Promise<SubgraphResponse> {
    const subgraph = byName.get(request.subgraph);
    if (!subgraph) throw unavailable(request.subgraph);
    try {
      return await subgraph.execute(request);
    } catch (cause) {
      throw cause instanceof AppError ? cause : unavailable(request.subgraph, cause);
    }
  }

  return {
    async send(request) {
      const [notes, began] = [newNotes(), performance.now()];
      try {
        if (request.signal.aborted) throw unavailable(request.subgraph, request.signal.reason);
        notes.attempts = 1;
        const response = await untilAborted(execute(request), request.signal, request.subgraph);
        reportExchange(request, notes, began, null);
        return response;
      } catch (error) {
        reportExchange(request, notes, began, error);
        throw error;
      }
    },
    close: async () => {},
  };
}
