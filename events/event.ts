/** Why an event exists. Only `LIVE` starts processes. */
export type Cause = 'LIVE' | 'BACKFILL' | 'IMPORT' | 'REPLAY';

/** What every event of the catalog carries as data: enough to drive an `@edfs__kafkaSubscribe` field as it is. */
export interface EventData {
  readonly __typename: string;
  /** Key of the entity that changed. */
  readonly id: string;
  /** Same as the event's `type`. */
  readonly type: string;
  /** Rises with every change of the entity; consumers compare it across topics, never arrival. */
  readonly version: number;
  /** Names of the fields that changed, never their values. */
  readonly changed: readonly string[];
  readonly [field: string]: unknown;
}

/** A CloudEvents 1.0 event with our extension attributes. Spec: github.com/cloudevents/spec, v1.0.2. */
export interface TributaryEvent {
  /** Unique; what an inbox deduplicates by. */
  readonly id: string;
  /** The subgraph that says it, for example `/crm`. */
  readonly source: string;
  /** `service.noun.past-tense`, for example `stripe.invoice.paid`. */
  readonly type: string;
  /** The entity's id; also the message key, hence the unit of order. */
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly tenant: string;
  readonly cause: Cause;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Who caused it (a connection, a process), so that echoes are recognised. */
  readonly origin?: string;
  readonly data: EventData;
}
