import type { Offsets } from 'kafkajs';
import type { Logger } from '../../lib/logger.ts';
import type { BusRecord, Position } from '../bus.ts';

/** How old an uncommitted offset may get, in milliseconds: what a crash repeats. */
const COMMIT_EVERY_MS = 100;

/** Collects how far the partitions of a group are handled, and writes that to the broker now and then, all in one request. */
export class OffsetCommits {
  readonly #send: (offsets: Offsets) => Promise<void>;
  readonly #logger: Logger;
  readonly #next = new Map<string, Position>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(send: (offsets: Offsets) => Promise<void>, logger: Logger) {
    this.#send = send;
    this.#logger = logger;
  }

  /** The record is handled. */
  settle({ topic, partition, offset }: BusRecord): void {
    this.#next.set(`${topic}/${partition}`, { topic, partition, offset: offset + 1 });
    this.#timer ??= setTimeout(() => void this.flush(), COMMIT_EVERY_MS);
  }

  /** Whether something handled is not written yet. */
  get isPending(): boolean {
    return this.#next.size > 0;
  }

  /** Writes what is not written yet, once. What fails is logged and kept for the next time: at worst records come again. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#write());
    return this.#sending;
  }

  /** Forgets what is not written: the partitions are another's by now. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#next.clear();
  }

  async #write(): Promise<void> {
    const positions = [...this.#next];
    if (positions.length === 0) return;
    try {
      await this.#send(toOffsets(positions.map(([, position]) => position)));
      for (const [place, position] of positions) if (this.#next.get(place) === position) this.#next.delete(place);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the offsets of a group could not be committed; again with the next');
    }
  }
}

function toOffsets(positions: readonly Position[]): Offsets {
  const topics = [...new Set(positions.map(({ topic }) => topic))];
  return {
    topics: topics.map((topic) => ({
      topic,
      partitions: positions
        .filter((position) => position.topic === topic)
        .map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    })),
  };
}
