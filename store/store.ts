import type { ClientSession, Connection } from 'mongoose';
import type { OutgoingRecord } from '../events/bus.ts';
import type { TributaryEvent } from '../events/event.ts';
import type { Schedule } from './schedule.ts';

/** Events written in the same transaction as the change they tell of; a relay publishes them afterwards, at least once, in order per subject. */
export interface Outbox {
  append(
    session: ClientSession,
    entries: readonly { readonly topic: string; readonly event: TributaryEvent }[],
  ): Promise<void>;
  /**
   * Records as they are, for a raw topic; durable when it resolves, if there is no session. Relayed in order per key among
   * themselves. AppError PAYLOAD_TOO_LARGE for what no bus would take.
   */
  appendRecords(session: ClientSession | null, topic: string, records: readonly OutgoingRecord[]): Promise<void>;
}

/** What a consumer has already handled. */
export interface Inbox {
  /** True the first time a consumer meets an event id within a tenant, false ever after. Same transaction as its effect. */
  claim(session: ClientSession, consumer: string, tenant: string, eventId: string): Promise<boolean>;
}

/** The database of every subgraph: MongoDB through mongoose, real or embedded. */
export interface Store {
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly schedule: Schedule;
  /** Whether no other process can use the database (the embedded one, opened here): what a dead process held is nobody's. */
  readonly alone: boolean;
  /** Runs in one transaction, retried on transient conflicts: `run` must be free of other side effects and pass the session on. */
  transaction<Result>(run: (session: ClientSession) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
