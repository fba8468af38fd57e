import { AppError, type ErrorCode } from '../../lib/errors.ts';

/**
 * What went wrong, for those who decide what to do about it: the service is not there (`absent`), took too long (`late`), broke
 * off or spoke no HTTP (`broken`), answered with something else (`content`) or too much (`size`); the client left (`left`); it
 * was not asked to spare it (`shed`); nobody knows it (`unknown`).
 */
export type Fault = 'absent' | 'late' | 'broken' | 'content' | 'size' | 'left' | 'shed' | 'unknown';

/** A call to a subgraph that came to nothing. */
export class SubgraphFailure extends AppError {
  readonly fault: Fault;

  constructor(
    code: ErrorCode,
    message: string,
    { subgraph, fault, cause, verdict }: { subgraph: string; fault: Fault; cause?: unknown; verdict?: string },
  ) {
    super(code, message, { cause, extensions: { service: subgraph, ...(verdict === undefined ? {} : { verdict }) } });
    this.fault = fault;
  }
}

/** The subgraph could not be reached. */
export function unavailable(subgraph: string, cause?: unknown): SubgraphFailure {
  const message = `The service "${subgraph}" did not answer.`;
  return new SubgraphFailure('SUBGRAPH_UNAVAILABLE', message, { subgraph, fault: 'absent', cause });
}

/** No such subgraph is known here. */
export function unknownSubgraph(subgraph: string): SubgraphFailure {
  const message = `The service "${subgraph}" is not known to this gateway.`;
  return new SubgraphFailure('SUBGRAPH_UNAVAILABLE', message, { subgraph, fault: 'unknown' });
}

/** The client went away. */
export function abandoned(subgraph: string, cause?: unknown): SubgraphFailure {
  const message = `The service "${subgraph}" was not waited for: the client left.`;
  return new SubgraphFailure('SUBGRAPH_UNAVAILABLE', message, { subgraph, fault: 'left', cause });
}

/** The subgraph is not asked now, to spare it; `verdict` says why. */
export function shed(subgraph: string, verdict: 'breaker-open' | 'queue-full'): SubgraphFailure {
  const message = `The service "${subgraph}" is not asked now.`;
  return new SubgraphFailure('SUBGRAPH_UNAVAILABLE', message, { subgraph, fault: 'shed', verdict });
}

/** The subgraph took longer than it is given. */
export function timedOut(subgraph: string, cause?: unknown): SubgraphFailure {
  const message = `The service "${subgraph}" did not answer in time.`;
  return new SubgraphFailure('SUBGRAPH_TIMEOUT', message, { subgraph, fault: 'late', cause });
}

/** The subgraph answered with something that is not a GraphQL result. `detail` is ours, never the subgraph's text. */
export function invalidResponse(
  subgraph: string,
  detail: string,
  { fault = 'content', cause }: { fault?: 'content' | 'broken' | 'size'; cause?: unknown } = {},
): SubgraphFailure {
  const message = `The service "${subgraph}" answered with ${detail}, not with a GraphQL result.`;
  return new SubgraphFailure('SUBGRAPH_INVALID_RESPONSE', message, { subgraph, fault, cause });
}
