import type { Clock } from '../../lib/clock.ts';
import type { OutgoingRecord, TopicSpec } from '../bus.ts';
import { withDeadLetters } from '../dead-letter-topics.ts';
import { requireTopicName, unknownTopic } from '../record-limits.ts';
import { keys, type LogFile } from './log-file.ts';
import { PartitionLog } from './partition-log.ts';

interface Topic {
  readonly retentionMs: number;
  readonly partitions: readonly PartitionLog[];
}

/** The topics of the log, and where a record of theirs belongs. */
export class TopicTable {
  readonly #file: LogFile;
  readonly #clock: Clock;
  readonly #age: () => number;
  readonly #topics = new Map<string, Topic>();

  /** `age`: the time by which records get too old. */
  constructor(file: LogFile, clock: Clock, age: () => number) {
    this.#file = file;
    this.#clock = clock;
    this.#age = age;
    for (const { value } of file.facts.getRange({ start: keys.topics, end: [...keys.topics, '\uffff'] }))
      this.#load(value as TopicSpec);
  }

  /** Makes a topic and its dead-letter topic, each unless it is there. Resolves when that is on disk. */
  async ensure(spec: TopicSpec): Promise<void> {
    requireTopicName(spec.name);
    const missing = withDeadLetters(spec).filter(({ name }) => !this.#topics.has(name));
    await Promise.all(missing.map((topic) => this.#make(topic)));
  }

  async #make(spec: TopicSpec): Promise<void> {
    await this.#file.write(() => {
      this.#load(spec);
      return this.#file.facts.put(keys.topic(spec.name), { ...spec });
    });
  }

  #load({ name, partitions, retentionMs, retentionBytes }: TopicSpec): void {
    const logs = Array.from(
      { length: partitions },
      (_, partition) =>
        new PartitionLog({ topic: name, partition, retentionBytes, file: this.#file, clock: this.#clock }),
    );
    this.#topics.set(name, { retentionMs, partitions: logs });
  }

  /** Partitions of a topic. AppError EVENT_INVALID when nobody made it. */
  partitions(topic: string): readonly PartitionLog[] {
    const found = this.#topics.get(topic);
    if (!found) throw unknownTopic(topic);
    return found.partitions;
  }

  /** The partition that takes a record. */
  partitionFor(topic: string, record: OutgoingRecord): PartitionLog {
    const partitions = this.partitions(topic);
    return partitions[hash(record.key) % partitions.length] as PartitionLog;
  }

  /** Removes what is older, or more, than its topic keeps; answers how many records. */
  async trim(): Promise<number> {
    let removed = 0;
    for (const { retentionMs, partitions } of this.#topics.values())
      for (const log of partitions)
        removed += await log.trim(Math.max(log.offsetAt(this.#age() - retentionMs), log.firstWithinBytes));
    return removed;
  }
}

/** FNV-1a with a final mix, over UTF-8. Never to be changed: the order per key hangs on it. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(key)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
