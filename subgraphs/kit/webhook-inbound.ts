import type { Bus, OutgoingRecord } from '../../events/bus.ts';
import { AppError } from '../../lib/errors.ts';

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

/**
 * Appends a webhook to `<vendor>.inbound`; resolves once it is durable, so that a 2xx may follow.
 * AppError BUS_UNAVAILABLE (503: the vendor is to send it again) when the log does not take it.
 */
export async function appendInbound(bus: Bus, webhook: InboundWebhook): Promise<void> {
  try {
    await bus.publish(`${webhook.vendor}.inbound`, [toInboundRecord(webhook)]);
  } catch (cause) {
    throw new AppError('BUS_UNAVAILABLE', 'The webhook could not be kept. Send it again.', { cause });
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
