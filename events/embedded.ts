import { type Clock, systemClock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import type {
  Bus,
  ConsumeOptions,
  Consumer,
  Lag,
  OutgoingRecord,
  Position,
  Tail,
  TailOptions,
  TopicSpec,
} from './bus.ts';
import { Commit } from './embedded/commits.ts';
import { Group } from './embedded/group.ts';
import { type LogFile, openLogFile } from './embedded/log-file.ts';
import type { PartitionLog } from './embedded/partition-log.ts';
import { createSteadyTime } from './embedded/steady-time.ts';
import { requireKept, startTail } from './embedded/tail.ts';
import { TopicTable } from './embedded/topic-table.ts';
import { requireGroupName, requireRecordSizes } from './record-limits.ts';
import { RunningSet } from './running-set.ts';

/** How to open the embedded bus. */
export interface EmbeddedBusOptions {
  /** Folder of the log; made when missing. One process at a time: the data folder's lock sees to that. */
  readonly path: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Milliseconds since some moment, never set: what a jump of the clock is told by. @default performance.now */
  readonly elapsed?: () => number;
  /** How often old records are removed, in milliseconds. @default 60000 */
  readonly trimEveryMs?: number;
  /** Free bytes of the disk. @default asks the file system */
  readonly freeBytes?: () => number;
}

/** The bus of one process. */
export interface EmbeddedBus extends Bus {
  /** Removes what is over its topic's retention, by age or size, now; answers how many records. */
  trim(): Promise<number>;
}

/**
 * Opens the event log in this process: partitions, groups, tails, replay and retention on one lmdb file.
 * What `publish` acknowledges is on disk; writers that come together share a sync.
 * AppError DATA_CORRUPT, DATA_DIR_UNWRITABLE, DATA_DIR_VERSION.
 */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EmbeddedBus> {
  const { path, clock = systemClock, elapsed, logger = silentLogger, trimEveryMs = 60_000, freeBytes } = options;
  const file = openLogFile(path, freeBytes);
  const topics = new TopicTable(file, clock, createSteadyTime(clock, elapsed));
  const bus = new LogBus(file, topics, logger.child({ part: 'embedded-bus' }));
  bus.trimEvery(trimEveryMs);
  return bus;
}

class LogBus implements EmbeddedBus {
  readonly #file: LogFile;
  readonly #topics: TopicTable;
  readonly #logger: Logger;
  readonly #groups = new Map<string, Group>();
  readonly #running = new RunningSet();
  #trimTimer: NodeJS.Timeout | undefined;
  #trimming: Promise<number> | null = null;

  constructor(file: LogFile, topics: TopicTable, logger: Logger) {
    this.#file = file;
    this.#topics = topics;
    this.#logger = logger;
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#running.requireOpen();
    await Promise.all(topics.map((topic) => this.#topics.ensure(topic)));
  }

  async publish(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]> {
    requireRecordSizes(topic, records);
    return this.#append(topic, records);
  }

  async #append(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]> {
    this.#running.requireOpen();
    const logs = records.map((record) => this.#topics.partitionFor(topic, record));
    if (records.length === 0) this.#topics.partitions(topic);
    try {
      // All of them in this turn of the event loop: one commit, one sync.
      const offsets = await Promise.all(records.map((record, index) => (logs[index] as PartitionLog).append(record)));
      return offsets.map((offset, index) => ({ topic, partition: (logs[index] as PartitionLog).partition, offset }));
    } catch (cause) {
      throw new AppError('BUS_UNAVAILABLE', `The event log could not be written (${topic}).`, { cause });
    }
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    this.#running.requireOpen();
    requireGroupName(options.group);
    return this.#running.add(await this.#group(options.group).join(options));
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new Group({
      name,
      file: this.#file,
      partitions: (topic) => this.#topics.partitions(topic),
      append: (topic, record) => this.#append(topic, [record]),
      logger: this.#logger,
    });
    this.#groups.set(name, group);
    return group;
  }

  async tail(options: TailOptions): Promise<Tail> {
    this.#running.requireOpen();
    const logs = options.topics.flatMap((topic) => this.#topics.partitions(topic));
    const tail = startTail(logs, options, this.#logger);
    return { ...tail, ...this.#running.add(tail) };
  }

  async positions(topics: readonly string[], at: Parameters<Bus['positions']>[1]): Promise<Position[]> {
    this.#running.requireOpen();
    const logs = topics.flatMap((topic) => this.#topics.partitions(topic));
    return logs.map((log) => ({ topic: log.topic, partition: log.partition, offset: offsetOf(log, at) }));
  }

  async reset(group: string, positions: readonly Position[]): Promise<void> {
    this.#running.requireOpen();
    requireGroupName(group);
    if (this.#groups.get(group)?.isEmpty === false)
      throw new AppError('CONFLICT', `Group ${group} has running members; stop them before moving it.`);
    this.#groups.delete(group);
    for (const position of positions) requireKept(this.#topics.partitions(position.topic), position);
    const moved = positions.map(({ topic, partition, offset }) => {
      const commit = new Commit(this.#file, group, topic, partition);
      commit.set(offset);
      return commit.flush();
    });
    await Promise.all(moved);
  }

  async lag(group: string, topics: readonly string[]): Promise<Lag[]> {
    this.#running.requireOpen();
    requireGroupName(group);
    const logs = topics.flatMap((topic) => this.#topics.partitions(topic));
    return logs.map((log) => {
      const { topic, partition } = log;
      const committed = new Commit(this.#file, group, topic, partition).offset;
      const offset = Math.max(committed ?? log.start, log.start);
      return { group, topic, partition, offset, behind: Math.max(0, log.end - offset) };
    });
  }

  async trim(): Promise<number> {
    this.#running.requireOpen();
    this.#trimming ??= this.#topics.trim().finally(() => {
      this.#trimming = null;
    });
    return this.#trimming;
  }

  /** Trims now and then; a trim that fails is logged, and tried again the next time. */
  trimEvery(milliseconds: number): void {
    this.#trimTimer = setInterval(() => {
      this.trim().catch((error: unknown) => this.#logger.error({ err: error }, 'the event log could not be trimmed'));
    }, milliseconds).unref();
  }

  close(): Promise<void> {
    clearInterval(this.#trimTimer);
    return this.#running.close(async () => {
      await this.#trimming?.catch(() => undefined);
      await this.#file.close();
    });
  }
}

function offsetOf(log: PartitionLog, at: Parameters<Bus['positions']>[1]): number {
  if (at === 'earliest') return log.start;
  return at === 'latest' ? log.end : log.offsetAt(at.time);
}
