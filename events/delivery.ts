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

/** What a delivery needs of its adapter. */
export interface DeliveryOptions extends Pick<ConsumeOptions, 'group' | 'handler' | 'maxAttempts'> {
  /** Appends a dead letter; resolves once it is durable. */
  readonly append: (topic: string, record: OutgoingRecord) => Promise<unknown>;
  readonly logger: Logger;
  readonly backoff?: BackoffOptions;
}

/** Brings one record to the handler. True: it is settled and may be committed. False: stopped before that, so it comes again. */
export type Delivery = (record: BusRecord, signal: AbortSignal) => Promise<boolean>;

/**
 * What both adapters do with a record of a group: try, back off, try again, at last dead-letter it.
 * The caller waits meanwhile, which is what keeps the order per key.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { handler, maxAttempts = 5 } = options;
  return async (record, signal) => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await handler(record, { attempt, signal });
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        if (attempt >= maxAttempts || isHopeless(error)) return bury(options, record, attempt, error, signal);
        options.logger.warn(
          { ...place(record), group: options.group, attempt, err: error },
          'event handler failed; again',
        );
        await pause(backoffMs(attempt, options.backoff), signal);
      }
    }
    return false;
  };
}

/** Whether trying again cannot help. */
function isHopeless(error: unknown): boolean {
  return error instanceof AppError && !error.retryable;
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
