import { AppError } from '../../lib/errors.ts';
import { type ExchangeNotes, newNotes, reportExchange } from './exchange-notes.ts';
import { abandoned, unavailable, unknownSubgraph } from './failures.ts';
import { Lifetime } from './lifetime.ts';
import type { LocalSubgraph, SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';

/** How subgraphs in this process are called. */
export interface LocalTransportOptions {
  /** Milliseconds until nobody waits for a call any longer: SUBGRAPH_TIMEOUT. The work itself goes on unheard. @default no limit */
  readonly timeoutMs?: number;
}

/** Settles as `work` does, or rejects as soon as the lifetime ends: the work itself may go on unheard. */
function untilOver<T>(work: Promise<T>, lifetime: Lifetime): Promise<T> {
  return new Promise((resolve, reject) => {
    lifetime.watch((error) => {
      lifetime.close();
      reject(error);
    });
    work.then(resolve, reject).finally(() => lifetime.close());
  });
}

/**
 * Reaches subgraphs that run in this process. Nothing is serialised: a response is the subgraph's own objects.
 * A subgraph that throws answers SUBGRAPH_UNAVAILABLE, with what it threw as the cause.
 */
export function createLocalTransport(
  subgraphs: readonly LocalSubgraph[],
  { timeoutMs }: LocalTransportOptions = {},
): SubgraphTransport {
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));

  async function execute(subgraph: LocalSubgraph, request: SubgraphRequest): Promise<SubgraphResponse> {
    try {
      return await subgraph.execute(request);
    } catch (cause) {
      throw cause instanceof AppError ? cause : unavailable(request.subgraph, cause);
    }
  }

  async function call(request: SubgraphRequest, notes: ExchangeNotes): Promise<SubgraphResponse> {
    const { subgraph: name, signal } = request;
    const subgraph = byName.get(name);
    if (!subgraph) throw unknownSubgraph(name);
    if (signal.aborted) throw abandoned(name, signal.reason);
    notes.attempts = 1;
    const lifetime = new Lifetime({ subgraph: name, timeoutMs: timeoutMs ?? null, signal });
    return untilOver(execute(subgraph, request), lifetime);
  }

  return {
    async send(request) {
      const [notes, began] = [newNotes(), performance.now()];
      try {
        const response = await call(request, notes);
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
