import { AppError } from '../lib/errors.ts';

interface Closeable {
  close(): Promise<void>;
}

/** The consumers and tails of a bus, so that closing the bus closes them first, and only once. */
export class RunningSet {
  readonly #members = new Set<Closeable>();
  #closing: Promise<void> | null = null;

  /** Keeps a member; the answer closes it, and forgets it. */
  add(member: Closeable): Closeable {
    const closed: { promise: Promise<void> | null } = { promise: null };
    const kept: Closeable = {
      close: () => {
        closed.promise ??= member.close().finally(() => this.#members.delete(kept));
        return closed.promise;
      },
    };
    this.#members.add(kept);
    // It started while the bus began to close: nobody else would end it.
    if (this.#closing) this.#closing = Promise.all([this.#closing, kept.close()]).then(() => undefined);
    return kept;
  }

  /** AppError SHUTTING_DOWN once closing began. */
  requireOpen(): void {
    if (this.#closing) throw new AppError('SHUTTING_DOWN', 'The event bus is closed.');
  }

  /** Closes all members, then what they stand on. */
  close(ground: () => Promise<void>): Promise<void> {
    this.#closing ??= Promise.all([...this.#members].map((member) => member.close())).then(ground);
    return this.#closing;
  }
}
