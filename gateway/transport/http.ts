import { type Clock, systemClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { type ExchangeNotes, newNotes, reportExchange } from './exchange-notes.ts';
import { abandoned, SubgraphFailure, unavailable, unknownSubgraph } from './failures.ts';
import type { HttpSubgraph, HttpTransportOptions } from './http-options.ts';
import { createHttpTarget, type HttpTarget } from './http-target.ts';

import { toSubgraphResponse } from './response-body.ts';
import type { BreakerState, RawResponse, SubgraphRequest, SubgraphTransport } from './transport.ts';

/** A transport whose answers are bytes. */
export type RawTransport = SubgraphTransport & Pick<Required<SubgraphTransport>, 'sendRaw'>;

const monotonic: Clock = { now: () => performance.now() };

function toTargets(options: HttpTransportOptions, states: Map<string, BreakerState>): ReadonlyMap<string, HttpTarget> {
  const { all, sign, tls = {}, logger = silentLogger } = options;
  const { clock = systemClock, steady = monotonic, random = Math.random } = options;
  const targetOf = (name: string, subgraph: HttpSubgraph) =>
    createHttpTarget({
      name,
      subgraph,
      all,
      sign,
      tls,
      clock,
      steady,
      random,
      onBreaker(state) {
        states.set(name, state);
        logger.warn({ subgraph: name, state }, 'circuit breaker');
      },
    });
  return new Map(Object.entries(options.subgraphs).map(([name, subgraph]) => [name, targetOf(name, subgraph)]));
}

/** A client that leaves, and a call that is spared, are no news to an operator: the breaker has told that it opened. */
function logFailure(
  logger: Logger,
  { subgraph, requestId }: SubgraphRequest,
  notes: ExchangeNotes,
  error: AppError,
): void {
  const isQuiet = error instanceof SubgraphFailure && (error.fault === 'left' || error.fault === 'shed');
  const facts = { subgraph, requestId, verdicts: notes.verdicts, err: error };
  if (isQuiet) logger.debug(facts, 'subgraph call failed');
  else logger.warn(facts, 'subgraph call failed');
}

/**
 * Reaches subgraphs over HTTP/1.1 on kept-alive connections, a pool for each; docs/transport.md has the rules.
 * AppError CONFIG_INVALID for a URL or a header rule that cannot be.
 */
export function createHttpTransport(options: HttpTransportOptions): RawTransport {
  const { logger = silentLogger } = options;
  const states = new Map<string, BreakerState>(Object.keys(options.subgraphs).map((name) => [name, 'closed']));
  const targets = toTargets(options, states);

  function call(request: SubgraphRequest, notes: ExchangeNotes): Promise<RawResponse> {
    const target = targets.get(request.subgraph);
    if (!target) throw unknownSubgraph(request.subgraph);
    if (request.signal.aborted) throw abandoned(request.subgraph, request.signal.reason);
    return target.call(request, notes);
  }

  /** Sends, reads the answer as `read` does, and tells how it went. */
  async function run<Result>(request: SubgraphRequest, read: (raw: RawResponse) => Result): Promise<Result> {
    const [notes, began] = [newNotes(), performance.now()];
    try {
      const result = read(await call(request, notes));
      reportExchange(request, notes, began, null);
      return result;
    } catch (cause) {
      const error = cause instanceof AppError ? cause : unavailable(request.subgraph, cause);
      logFailure(logger, request, notes, error);
      reportExchange(request, notes, began, error);
      throw error;
    }
  }

  return {
    send: (request) => run(request, ({ status, bytes }) => toSubgraphResponse(status, bytes, request.subgraph)),
    sendRaw: (request) => run(request, (raw) => raw),
    breakers: () => states,
    async close() {
      for (const target of targets.values()) target.close();
    },
  };
}
