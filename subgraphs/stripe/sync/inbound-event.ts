import type { BusRecord } from '../../../events/bus.ts';
import { AppError } from '../../../lib/errors.ts';
import type { Connection, ConnectionRegistry } from '../../kit/connections.ts';
import { CONNECTION_HEADER } from '../../kit/webhook-inbound.ts';
import { type EventMeaning, eventObject, mapObject, meaningOf, readObject } from '../mapping/index.ts';
import type { Candidate } from '../mirror/judge.ts';

/** A webhook of the log, understood. */
export interface InboundEvent {
  readonly connection: Connection;
  /** Stripe's id of the event. */
  readonly id: string;
  readonly meaning: EventMeaning;
  /** When it happened, seconds of Stripe's clock. */
  readonly created: number;
  /** The object as the event saw it. */
  readonly candidate: Candidate;
}

/**
 * Understands a record of `stripe.inbound`. Connection and tenant are the record's, never the payload's.
 * AppError EVENT_UNKNOWN or EVENT_INVALID, not retryable: the record belongs in the dead letters.
 */
export function readInboundEvent(record: BusRecord, connections: ConnectionRegistry): InboundEvent {
  const connection = connections.find('stripe', record.headers[CONNECTION_HEADER] ?? '');
  if (!connection) throw new AppError('EVENT_INVALID', 'The event is of a Stripe connection that does not exist.');
  const event = readObject(eventObject, 'event', parse(record.value));
  const meaning = meaningOf(event.type);
  const mapped = mapObject(meaning.noun, connection.id, event.data.object);
  const deleted = meaning.verb === 'deleted' && meaning.noun !== 'subscription';
  const candidate = { mapped, asOf: event.created, deleted, fetched: false };
  return { connection, id: event.id, meaning, created: event.created, candidate };
}

function parse(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (cause) {
    throw new AppError('EVENT_INVALID', 'The event is not JSON.', { cause });
  }
}
