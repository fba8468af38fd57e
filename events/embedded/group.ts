import type { Logger } from '../../lib/logger.ts';
import type { ConsumeOptions, Consumer } from '../bus.ts';
import { createDelivery, type Delivery } from '../delivery.ts';
import { assign } from './assignment.ts';
import { Commit } from './commits.ts';
import type { LogFile } from './log-file.ts';
import type { PartitionLog } from './partition-log.ts';
import { readLoop } from './read-loop.ts';

interface Member {
  readonly topics: readonly string[];
  readonly from: 'earliest' | 'latest';
  readonly deliver: Delivery;
}

/** One partition in the group's hands. */
interface Share {
  readonly topic: string;
  readonly partition: number;
  readonly log: PartitionLog;
  readonly commit: Commit;
  owner: Member | null;
  /** Ends the owner's reading: waits for the running handler, then for the commit. */
  release: (() => Promise<void>) | null;
}

/** What a group needs of the bus. */
export interface GroupOptions {
  readonly name: string;
  readonly file: LogFile;
  readonly partitions: (topic: string) => readonly PartitionLog[];
  readonly append: Parameters<typeof createDelivery>[0]['append'];
  readonly logger: Logger;
}

/** A consumer group: its members in this process, and what each of them reads. */
export class Group {
  readonly #options: GroupOptions;
  readonly #shares = new Map<string, Share>();
  readonly #members = new Set<Member>();
  #rebalanced: Promise<void> = Promise.resolve();

  constructor(options: GroupOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Adds a member; resolves once it reads, that is once others let go of what it takes over. */
  async join(options: ConsumeOptions): Promise<Consumer> {
    const { append, logger } = this.#options;
    const { topics, from = 'earliest' } = options;
    const member: Member = { topics, from, deliver: createDelivery({ ...options, append, logger }) };
    for (const topic of topics) for (const log of this.#options.partitions(topic)) this.#share(log);
    this.#members.add(member);
    await this.#rebalance();
    return { close: () => this.#leave(member) };
  }

  async #leave(member: Member): Promise<void> {
    this.#members.delete(member);
    await this.#rebalance();
  }

  #share(log: PartitionLog): void {
    const { topic, partition } = log;
    const key = `${topic}/${partition}`;
    if (this.#shares.has(key)) return;
    const commit = new Commit(this.#options.file, this.#options.name, topic, partition);
    this.#shares.set(key, { topic, partition, log, commit, owner: null, release: null });
  }

  /** One after the other: what changed meanwhile is seen by the next. */
  #rebalance(): Promise<void> {
    const next = this.#rebalanced.then(() => this.#distribute());
    this.#rebalanced = next.catch(() => undefined);
    return next;
  }

  async #distribute(): Promise<void> {
    const shares = [...this.#shares.values()];
    const wanted = assign(shares, [...this.#members]);
    const moving = shares.filter((share) => share.owner !== (wanted.get(share) ?? null));
    const moves = moving.map(async (share) => {
      await share.release?.();
      share.release = null;
      share.owner = wanted.get(share) ?? null;
      if (share.owner) await this.#start(share, share.owner);
    });
    await Promise.all(moves);
  }

  async #start(share: Share, member: Member): Promise<void> {
    const { log, commit } = share;
    // A beginning at the latest is written down: else what arrives before the first commit is skipped by a restart.
    if (commit.offset === null && member.from === 'latest') commit.set(log.end);
    await commit.flush();
    const stop = new AbortController();
    const { signal } = stop;
    const reading = readLoop({
      log,
      from: commit.offset ?? log.start,
      signal,
      logger: this.#options.logger,
      take: async (record) => {
        const settled = await member.deliver(record, signal);
        if (settled) commit.set(record.offset + 1);
        return settled;
      },
    });
    share.release = async () => {
      stop.abort();
      await reading;
      await commit.flush();
    };
  }
}
