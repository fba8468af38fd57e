import type { Logger } from '../../lib/logger.ts';

/** How old an uncommitted offset may get while there is work. */
const COMMIT_EVERY_MS = 200;

/** The place of one partition of a group on its way to the broker: one write at a time, always of the newest. */
export class Commits {
  readonly #write: (offset: number) => Promise<void>;
  readonly #logger: Logger;
  #next: number | null = null;
  #isDue = false;
  #writing: Promise<void> | null = null;
  #writtenAt = performance.now();

  constructor({ write, logger }: { write: (offset: number) => Promise<void>; logger: Logger }) {
    this.#write = write;
    this.#logger = logger;
  }

  /** The offset after the last settled record. It is written soon: now when `isIdle`, else when the last write is old. */
  set(offset: number, isIdle: boolean): void {
    this.#next = offset;
    this.#isDue = isIdle || performance.now() - this.#writtenAt > COMMIT_EVERY_MS;
    if (this.#isDue) this.#start();
  }

  /** Resolves when the newest is written, or could not be: then records are read again, as at least once allows. */
  async flush(): Promise<void> {
    while (this.#writing || this.#next !== null) {
      this.#start();
      await this.#writing;
    }
  }

  #start(): void {
    if (this.#writing || this.#next === null) return;
    const offset = this.#next;
    this.#next = null;
    this.#isDue = false;
    this.#writtenAt = performance.now();
    this.#writing = this.#write(offset)
      .catch((error: unknown) => this.#logger.warn({ offset, err: error }, 'a group’s place could not be written'))
      .finally(() => {
        this.#writing = null;
        // What became due meanwhile.
        if (this.#isDue) this.#start();
      });
  }
}
