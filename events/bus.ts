/** A record to publish. Order holds among records of one topic with one key. */
export interface OutgoingRecord {
  readonly key: string;
  readonly value: Uint8Array;
  /** CloudEvents attributes as `ce_<name>` (Kafka protocol binding, binary mode) and anything else as text. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as it stands in the log. */
export interface BusRecord extends OutgoingRecord {
  readonly topic: string;
  readonly partition: number;
  /** Rises within a partition, without a promise that no number is skipped. */
  readonly offset: number;
  /** Milliseconds since the epoch at which the log took it. */
  readonly timestamp: number;
}

/** A place in the log: the offset of the NEXT record to read in a partition. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** How much a consumer group still has to read in one partition. */
export interface Lag extends Position {
  readonly group: string;
  readonly behind: number;
}

/** What the log should hold of a topic. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Records older than this many milliseconds may go. */
  readonly retentionMs: number;
  /** A partition's oldest records may go while those after them fill this many bytes. Absent: age alone decides. */
  readonly retentionBytes?: number;
}

/** A group's reading: each record reaches one member of the group, at least once, in order per key. */
export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Resolving commits the record. Throwing retries it with back-off, then dead-letters it and goes on. `attempt` counts from 1.
   * What is thrown decides for how long: an AppError that is retryable (a vendor or store that is down) for `retryForMs`,
   * one that is not goes to the dead letters at once, anything else (a fault of ours, perhaps) has `maxAttempts`.
   */
  readonly handler: (record: BusRecord, context: { attempt: number; signal: AbortSignal }) => Promise<void>;
  /** Where a group without a committed offset begins. @default 'earliest' */
  readonly from?: 'earliest' | 'latest';
  /** Failures of the unexpected kind before `<topic>.dlq`. @default 5 */
  readonly maxAttempts?: number;
  /** Milliseconds after the first failure for which retryable ones are tried again, the partition waiting. @default 900000 */
  readonly retryForMs?: number;
}

/** A member of a consumer group. */
export interface Consumer {
  /** Waits for running handlers, commits, leaves the group. */
  close(): Promise<void>;
}

/** A reading without a group: every tail sees every record, nothing is committed. Subscriptions are made of it. */
export interface TailOptions {
  readonly topics: readonly string[];
  /** `latest`: all that is published after the returned promise resolves. Positions: from there on, topics not named from latest. */
  readonly from: 'latest' | readonly Position[];
  /** Called in order per partition. Returning a promise holds the partition back until it settles. */
  readonly onRecord: (record: BusRecord) => void | Promise<void>;
}

/** A running tail. */
export interface Tail {
  /** For each partition, the next record it will hand out. */
  positions(): Position[];
  close(): Promise<void>;
}

/**
 * The message bus: one contract, one adapter per broker, one contract suite run on each of them.
 * What `publish` acknowledges is on disk; delivery is at least once; a handler must be idempotent.
 */
export interface Bus {
  /** Makes missing topics, each with its `.dlq`; existing ones are left as they are. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Resolves once all records are durable, with the place of each, in order. AppError EVENT_INVALID for an unknown topic,
   * PAYLOAD_TOO_LARGE; BUS_UNAVAILABLE, BUS_UNAUTHORIZED, BUS_UNTRUSTED, after which the records may be there all the same.
   */
  publish(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]>;
  /** Resolves once the member reads. */
  consume(options: ConsumeOptions): Promise<Consumer>;
  /** Resolves once its positions are pinned. AppError CURSOR_EXPIRED when a position is no longer kept. */
  tail(options: TailOptions): Promise<Tail>;
  /** Positions of the first kept record, the end, or the first record at or after a time (milliseconds). */
  positions(topics: readonly string[], at: 'earliest' | 'latest' | { readonly time: number }): Promise<Position[]>;
  /** Moves a group that has no running member: what follows is read (again) from there. */
  reset(group: string, positions: readonly Position[]): Promise<void>;
  lag(group: string, topics: readonly string[]): Promise<Lag[]>;
  close(): Promise<void>;
}

/** Headers of a dead letter: why it is there and where it stood. Key, value and other headers are the original's. */
export const DEAD_LETTER_HEADERS = {
  reason: 'dlq_reason',
  message: 'dlq_message',
  attempts: 'dlq_attempts',
  group: 'dlq_group',
  topic: 'dlq_topic',
  partition: 'dlq_partition',
  offset: 'dlq_offset',
} as const;

/** The dead-letter topic of a topic. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}
