import type { mongo } from 'mongoose';

/** The collection of the outbox. */
export const OUTBOX = 'outbox';

/** An event that waits for the relay: the very record it will publish. */
export interface OutboxRow {
  /** A ULID, rising within a process and above what waits from one before it: the order of publishing. Rising keys also keep the index's writes on few pages. */
  readonly _id: string;
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | mongo.Binary;
  readonly headers: Readonly<Record<string, string>>;
  /** The entity's version: puts events of one entity right that two processes wrote within a moment. */
  readonly version: number;
  /** Why the relay set it aside: the bus will never take it. Absent while it waits. */
  readonly refused?: { readonly code: string; readonly message: string; readonly at: Date };
}
