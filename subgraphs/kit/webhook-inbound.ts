import { pause } from '../../events/backoff.ts';
import type { Bus, OutgoingRecord } from '../../events/bus.ts';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { isRefusal } from '../../store/bus-refusal.ts';
import { steadyClock } from '../../store/steady-clock.ts';
import type { Outbox } from '../../store/store.ts';
import { createBreaker } from './webhook-breaker.ts';

/** A verified webhook on its way into the log. */
export interface InboundWebhook {
  readonly vendor: string;
  readonly connection: string;
  /** What is done in order: the vendor's object, or the event when it names none. */
  readonly subject: string;
  /** The vendor's id of the event. */
  readonly eventId: string;
  /** The vendor's own name of what happened. */
  readonly type: string;
  /** The bytes as they arrived. */
  readonly body: Uint8Array;
}

/** The header that names the connection of a record on `<vendor>.inbound`. */
export const CONNECTION_HEADER = 'connection';

/** How long things may take, in milliseconds. */
export interface InboundLimits {
  /** Until a bus that does not answer counts as down. @default 2000 */
  readonly busMs?: number;
  /** For how long a bus that is down is not asked again. @default 5000 */
  readonly restMs?: number;
  /** Until a database that does not answer counts as down. @default 5000 */
  readonly storeMs?: number;
}

/** Where webhooks are kept until a consumer reads them. */
export interface InboundLog {
  /**
   * Appends a webhook to `<vendor>.inbound`; resolves once it is durable, so that a 2xx may follow. While the bus is down
   * it goes to the outbox, from where the relay brings it to the same topic when the bus is back: the same record, which
   * consumers know by the same id. A bus that hangs may get it both ways, and what went through the outbox may come after
   * what was sent later: consumers claim the id and compare versions.
   * AppError BUS_UNAVAILABLE (503: the vendor is to send it again) when neither takes it, PAYLOAD_TOO_LARGE when no bus ever will.
   */
  append(webhook: InboundWebhook): Promise<void>;
}

/** The inbound log of a process. It remembers for some seconds that the bus is down, so that webhooks do not queue up waiting for it. */
export function createInboundLog(options: {
  readonly bus: Bus;
  readonly outbox: Outbox;
  readonly logger: Logger;
  readonly steady?: Clock;
  readonly limits?: InboundLimits;
}): InboundLog {
  const { bus, outbox, logger, steady = steadyClock, limits = {} } = options;
  const { busMs = 2_000, restMs = 5_000, storeMs = 5_000 } = limits;
  const breaker = createBreaker({ openMs: restMs, steady });

  async function publish(topic: string, record: OutgoingRecord): Promise<boolean> {
    if (!breaker.admits()) return false;
    try {
      await within(busMs, bus.publish(topic, [record]));
      breaker.succeed();
      return true;
    } catch (error) {
      // The record is at fault: the bus answered, and the relay would fare no better.
      const isRefused = isRefusal(error, topic);
      if (isRefused) breaker.succeed();
      else breaker.fail();
      if (isRefused) throw error;
      logger.warn({ err: error, topic }, 'the bus takes no webhooks; they go to the outbox');
      return false;
    }
  }

  return {
    append: async (webhook) => {
      const topic = `${webhook.vendor}.inbound`;
      const record = toInboundRecord(webhook);
      try {
        if (!(await publish(topic, record))) await within(storeMs, outbox.appendRecords(null, topic, [record]));
      } catch (cause) {
        if (cause instanceof AppError && cause.code === 'PAYLOAD_TOO_LARGE') throw cause;
        throw new AppError('BUS_UNAVAILABLE', 'The webhook could not be kept. Send it again.', { cause });
      }
    },
  };
}

/** What `work` comes to, if it does so in time. What it comes to afterwards is of no interest: it is not known to have failed. */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const late = pause(milliseconds, done.signal).then((passed) => {
    if (passed) throw new AppError('BUS_UNAVAILABLE', `There was no answer within ${milliseconds} ms.`);
    return work;
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    done.abort();
  }
}

/** The record of a webhook: its bytes untouched, CloudEvents attributes as headers. Key: connection and object, hence the order. */
export function toInboundRecord({ vendor, connection, subject, eventId, type, body }: InboundWebhook): OutgoingRecord {
  return {
    key: `${connection}/${subject}`,
    value: body,
    headers: {
      ce_specversion: '1.0',
      ce_id: eventId,
      ce_source: `/${vendor}/${connection}`,
      ce_type: type,
      ce_subject: subject,
      'content-type': 'application/json',
      [CONNECTION_HEADER]: connection,
    },
  };
}
