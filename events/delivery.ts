import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type BackoffOptions, backoffMs, pause } from './backoff.ts';
import {
  type BusRecord,
  type ConsumeOptions,
  DEAD_LETTER_HEADERS,
  deadLetterTopic,
  type OutgoingRecord,
} from './bus.ts';

/** Longest error message kept with a dead letter, in characters: the record must stay under the broker's limit. */
const MESSAGE_LENGTH = 1_000;
/** How long what will pass by itself is waited for: an outage of some minutes costs nobody a dead letter. */
const RETRY_FOR_MS = 15 * 60_000;
/** Longest pause between two tries of what will pass: an outage is then noticed to be over within half a minute. */
const LONGEST_PAUSE_MS = 30_000;

/** What a delivery needs of its adapter. */
export interface DeliveryOptions extends Pick<ConsumeOptions, 'group' | 'handler' | 'maxAttempts' | 'retryForMs'> {
  /** Appends a dead letter; resolves once it is durable. */
  readonly append: (topic: string, record: OutgoingRecord) => Promise<unknown>;
  readonly logger: Logger;
  readonly backoff?: BackoffOptions;
}

/** Brings one record to the handler. True: it is settled and may be committed. False: stopped before that, so it comes again. */
export type Delivery = (record: BusRecord, signal: AbortSignal) => Promise<boolean>;

/**
 * What both adapters do with a record of a group: try, back off, try again, at last dead-letter it (see `ConsumeOptions.handler`).
 * The caller waits meanwhile, which is what keeps the order per key.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { handler, group, logger } = options;
  return async (record, signal) => {
    const patience = createPatience(options);
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await handler(record, { attempt, signal });
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        const pauseMs = patience.pauseAfter(error, attempt);
        if (pauseMs === null) return bury(options, record, attempt, error, signal);
        logger.warn({ ...place(record), group, attempt, pauseMs, err: error }, 'event handler failed; again');
        await pause(pauseMs, signal);
      }
    }
    return false;
  };
}

/** Says after each failure of one record how long to wait for the next try, or null: give up. Time is the process's own, so a clock that jumps changes nothing. */
function createPatience({ maxAttempts = 5, retryForMs = RETRY_FOR_MS, backoff }: DeliveryOptions) {
  const outage: BackoffOptions = { maxMs: LONGEST_PAUSE_MS, ...backoff };
  const began = performance.now();
  let unexpected = 0;
  return {
    pauseAfter(error: unknown, attempt: number): number | null {
      if (!(error instanceof AppError)) {
        unexpected += 1;
        return unexpected < maxAttempts ? backoffMs(attempt, backoff) : null;
      }
      if (!error.retryable) return null;
      const left = began + retryForMs - performance.now();
      return left > 0 ? Math.min(left, backoffMs(attempt, outage)) : null;
    },
  };
}

function place({ topic, partition, offset }: BusRecord): Pick<BusRecord, 'topic' | 'partition' | 'offset'> {
  return { topic, partition, offset };
}

/** Dead-letters a record, for as long as that takes: skipping it because its grave cannot be dug would lose it. */
async function bury(
  options: DeliveryOptions,
  record: BusRecord,
  attempts: number,
  error: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  const facts = { ...place(record), group: options.group, attempts, err: error };
  if (record.topic.endsWith('.dlq')) {
    options.logger.error(facts, 'event handler gave up on a dead letter; it stays where it is');
    return true;
  }
  options.logger.error(facts, 'event handler gave up; the record goes to the dead letters');
  const letter = toDeadLetter(record, options.group, attempts, error);
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      await options.append(deadLetterTopic(record.topic), letter);
      return true;
    } catch (failure) {
      options.logger.error({ ...facts, err: failure }, 'dead letter could not be written; again');
      await pause(backoffMs(attempt, options.backoff), signal);
    }
  }
  return false;
}

/** The dead letter of a record: its own key, bytes and headers, and why it is there. */
export function toDeadLetter(record: BusRecord, group: string, attempts: number, error: unknown): OutgoingRecord {
  const message = error instanceof Error ? error.message : String(error);
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      [DEAD_LETTER_HEADERS.reason]: error instanceof AppError ? error.code : 'INTERNAL',
      [DEAD_LETTER_HEADERS.message]: message.slice(0, MESSAGE_LENGTH),
      [DEAD_LETTER_HEADERS.attempts]: String(attempts),
      [DEAD_LETTER_HEADERS.group]: group,
      [DEAD_LETTER_HEADERS.topic]: record.topic,
      [DEAD_LETTER_HEADERS.partition]: String(record.partition),
      [DEAD_LETTER_HEADERS.offset]: String(record.offset),
    },
  };
}
