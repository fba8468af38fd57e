import { keys, type LogFile } from './log-file.ts';

/**
 * Where a group stands in one partition. `set` does not wait for the disk: one write runs at a time and the newest
 * offset follows it, so that a crash repeats a few records (at least once) instead of every record waiting for a sync.
 */
export class Commit {
  readonly #file: LogFile;
  readonly #key: (string | number)[];
  #offset: number | null;
  #written: number | null;
  #writing: Promise<void> | null = null;

  constructor(file: LogFile, group: string, topic: string, partition: number) {
    this.#file = file;
    this.#key = keys.commit(group, topic, partition);
    this.#offset = (file.facts.get(this.#key) as number | undefined) ?? null;
    this.#written = this.#offset;
  }

  /** Offset of the next record to read; null when the group never committed here. */
  get offset(): number | null {
    return this.#offset;
  }

  set(offset: number): void {
    this.#offset = offset;
    // The failure is not lost: `flush` tries the same write again and reports it.
    this.flush().catch(() => undefined);
  }

  /** Resolves when the newest offset is on disk. */
  async flush(): Promise<void> {
    while (this.#written !== this.#offset) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null;
      });
      await this.#writing;
    }
  }

  async #write(): Promise<void> {
    const offset = this.#offset;
    await this.#file.write(() => this.#file.facts.put(this.#key, offset));
    this.#written = offset;
  }
}
