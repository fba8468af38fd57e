import type { Logger } from '../../lib/logger.ts';
import type { Outcome } from './outcome.ts';

/** Which operations are written to the log, a line each. */
export interface OperationLogOptions {
  /** @default 'info' */
  readonly level?: 'info' | 'debug';
  /** The share of operations that is written, from 0 to 1. @default 1 */
  readonly sampleRatio?: number;
  /** Operations that take at least so many milliseconds are written in any case. @default none */
  readonly slowMs?: number;
}

/** An operation that ended. */
export interface LoggedOperation extends Outcome {
  readonly requestId: string;
  /** query, mutation, event, subscription, or unknown when it was refused before that was known. */
  readonly type: string;
  readonly name: string | null;
  readonly ms: number;
  readonly fetches: number;
}

/** Clients make names up: a log line need not hold a whole novel. */
const NAME_LIMIT = 100;

/** Writes a line for an operation, or does not. No variable, no header and no document is in it. */
export type OperationLog = (operation: LoggedOperation) => void;

/** The log of operations. `random` decides the sample. */
export function createOperationLog(
  { level = 'info', sampleRatio = 1, slowMs = Number.POSITIVE_INFINITY }: OperationLogOptions,
  { logger, random = Math.random }: { logger: Logger; random?: () => number },
): OperationLog {
  return (operation) => {
    const isSlow = operation.ms >= slowMs;
    if (!isSlow && (sampleRatio <= 0 || (sampleRatio < 1 && random() >= sampleRatio))) return;
    const { requestId, type, name, outcome, code, ms, fetches } = operation;
    logger[level](
      {
        requestId,
        operation: name?.slice(0, NAME_LIMIT) ?? null,
        type,
        outcome,
        code,
        ms: Math.round(ms * 10) / 10,
        fetches,
      },
      isSlow ? 'slow operation' : 'operation',
    );
  };
}
