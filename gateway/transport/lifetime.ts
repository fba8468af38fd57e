import { setMaxListeners } from 'node:events';
import type { AppError } from '../../lib/errors.ts';
import { abandoned, timedOut } from './failures.ts';

/** How long a call may run. */
export interface LifetimeOptions {
  readonly subgraph: string;
  /** Null: until somebody ends it. */
  readonly timeoutMs: number | null;
  /** The client's: once it aborts, nobody waits any longer. */
  readonly signal?: AbortSignal;
}

/**
 * How long one call may run: until its client leaves or its time is up, whichever is first. One timer and one listener on the
 * client's signal for all that a call does (waiting, tries, pauses); `close` takes both away again.
 */
export class Lifetime {
  readonly #endsAt: number;
  readonly #timer: NodeJS.Timeout | null;
  readonly #signal: AbortSignal | null;
  readonly #onAbort: () => void;
  #listener: ((error: AppError) => void) | null = null;
  #error: AppError | null = null;

  /** Begins. A signal that has aborted already ends it at once. */
  constructor({ subgraph, timeoutMs, signal }: LifetimeOptions) {
    this.#endsAt = timeoutMs === null ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    this.#timer = timeoutMs === null ? null : setTimeout(() => this.end(timedOut(subgraph)), timeoutMs);
    this.#signal = signal ?? null;
    this.#onAbort = () => this.end(abandoned(subgraph, signal?.reason));
    if (!signal) return;
    if (signal.aborted) this.#onAbort();
    // Every fetch of an operation listens.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Why it is over; null while it is not. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Milliseconds until the time is up. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Whoever the call is waiting on now: told when it is over. One at a time; null when it waits no longer. */
  watch(listener: ((error: AppError) => void) | null): void {
    this.#listener = listener;
  }

  /** Ends it. The first reason stands. */
  end(error: AppError): void {
    if (this.#error) return;
    this.#error = error;
    this.#listener?.(error);
  }

  /** The call has come to something. Idempotent. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#listener = null;
  }
}
