import { setMaxListeners } from 'node:events';
import type { EachBatchPayload, KafkaMessage, Offsets } from 'kafkajs';
import type { Logger } from '../../lib/logger.ts';
import type { BusRecord } from '../bus.ts';
import { Lane } from './lane.ts';
import { OffsetCommits } from './offset-commits.ts';

/** What a member does from one joining of its group to the next. */
export interface GenerationOptions {
  readonly take: (record: BusRecord, signal: AbortSignal) => Promise<boolean>;
  /** Whether settled records are told to the broker. */
  readonly commits: boolean;
  /** The member's work of before, which ends first. */
  readonly after: Promise<unknown>;
  readonly pause: (topic: string, partition: number) => void;
  readonly resume: (topic: string, partition: number) => void;
  readonly logger: Logger;
}

/** The partitions that a member has until the group rebalances, a lane for each: a slow one holds up no other. */
export class Generation {
  readonly #options: GenerationOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #stop = new AbortController();
  readonly #commits: OffsetCommits;
  #send: ((offsets: Offsets) => Promise<void>) | null = null;
  #ending: Promise<void> | null = null;

  constructor(options: GenerationOptions) {
    this.#options = options;
    // Every partition listens.
    setMaxListeners(0, this.#stop.signal);
    this.#commits = new OffsetCommits(async (offsets) => this.#send?.(offsets), options.logger);
  }

  /** Takes over what was fetched of one partition. */
  take({ batch, resolveOffset, isRunning, isStale, commitOffsetsIfNecessary }: EachBatchPayload): void {
    const { topic, partition, messages } = batch;
    const last = messages.at(-1);
    if (!last || this.#stop.signal.aborted || !isRunning() || isStale()) return;
    this.#send = commitOffsetsIfNecessary;
    const isFull = this.#lane(topic, partition).push(messages.map((message) => toBusRecord(topic, partition, message)));
    // Where the next fetch begins; what is committed is another matter.
    resolveOffset(last.offset);
    if (isFull) this.#options.pause(topic, partition);
  }

  #lane(topic: string, partition: number): Lane {
    const place = `${topic}/${partition}`;
    const known = this.#lanes.get(place);
    if (known) return known;
    const { take, after, commits, resume } = this.#options;
    const lane = new Lane({
      take,
      after,
      signal: this.#stop.signal,
      onSettled: (record) => {
        if (commits) this.#commits.settle(record);
      },
      onRoom: () => resume(topic, partition),
    });
    this.#lanes.set(place, lane);
    return lane;
  }

  /** Whether a record is at hand, or one that is handled is not committed yet. */
  get isBusy(): boolean {
    return this.#commits.isPending || [...this.#lanes.values()].some(({ atWork }) => atWork !== null);
  }

  /** Ends after the records at hand, and commits them; resolves then. */
  end(): Promise<void> {
    this.#stop.abort();
    this.#ending ??= this.#finish();
    return this.#ending;
  }

  /** As `end`, but without committing: others have the partitions already. */
  abandon(): Promise<void> {
    this.#send = null;
    return this.end();
  }

  async #finish(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(({ atWork }) => atWork));
    await this.#commits.flush();
    this.#commits.drop();
  }
}

function toBusRecord(
  topic: string,
  partition: number,
  { key, value, headers, offset, timestamp }: KafkaMessage,
): BusRecord {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text ?? '')]);
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: key?.toString() ?? '',
    value: value ?? Buffer.alloc(0),
    headers: Object.fromEntries(texts),
  };
}
