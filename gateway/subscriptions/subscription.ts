import type { ExecutionResult } from 'graphql';
import type { Position } from '../../events/bus.ts';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import type { SubscriptionEvent } from './decode.ts';
import { watchExpiry } from './expiry.ts';
import type { Feed } from './feed.ts';
import { createQueue } from './queue.ts';

/** One answer of a subscription and the place to resume from once it has been received. */
export interface SubscriptionMessage {
  readonly result: ExecutionResult;
  readonly cursor: string;
}

/** A running subscription. Iterating ends when it is closed, and throws AppError when it had to end: UNAUTHENTICATED, SLOW_CONSUMER, SCHEMA_CHANGED. */
export interface SubscriptionStream extends AsyncGenerator<SubscriptionMessage, void, void> {
  /** Where to resume from while nothing is under way: also past events that were not for this subscriber. Null when one is. */
  idleCursor(): string | null;
  /** Ends it as if the server had nothing more to say. */
  end(): void;
}

/** What a subscription is made of. */
export interface SubscriptionOptions {
  readonly identity: Identity | null;
  readonly clock: Clock;
  /** Events that may wait for a slow client before it is let go. */
  readonly bufferLimit: number;
  /** Whether an event is for this subscriber. */
  readonly accepts: (event: SubscriptionEvent) => boolean;
  readonly execute: (event: SubscriptionEvent) => Promise<ExecutionResult>;
  readonly toCursor: (positions: readonly Position[]) => string;
  /** Called once, at the end. */
  readonly onEnd: () => void;
}

/** Events that a catching-up subscription reads ahead of its client. */
const READ_AHEAD = 64;

interface Waiting {
  readonly event: SubscriptionEvent;
  readonly positions: readonly Position[];
}

/** A subscription: the gate every event passes, the bounded queue behind it, and the stream of answers. */
export class Subscription implements SubscriptionStream {
  readonly #options: SubscriptionOptions;
  readonly #queue = createQueue<Waiting>();
  readonly #stopWatching: () => void;
  #feed: Feed | null = null;
  #working = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    const { identity, clock } = options;
    this.#stopWatching = identity ? watchExpiry(identity.expiresAt, clock, () => this.#expire()) : () => {};
  }

  /** Takes what its events come from, once it runs. */
  attach(feed: Feed): void {
    if (this.#queue.ended) feed.close();
    else this.#feed = feed;
  }

  /** Takes an event. Live, a client too far behind is let go; otherwise the promise resolves when there is room for more. */
  accept(event: SubscriptionEvent, positions: readonly Position[], live: boolean): Promise<void> | void {
    if (this.#queue.ended || !this.#accepts(event)) return;
    this.#queue.push({ event, positions });
    if (!live) return this.#queue.room(READ_AHEAD);
    if (this.#queue.size > this.#options.bufferLimit) {
      this.#finish(new AppError('SLOW_CONSUMER', 'Events come faster than this client reads them.'));
    }
  }

  /** A gate that fails ends this subscription, and no other that shares its tail. */
  #accepts(event: SubscriptionEvent): boolean {
    try {
      return this.#options.accepts(event);
    } catch (error) {
      this.#finish(error);
      return false;
    }
  }

  async next(): Promise<IteratorResult<SubscriptionMessage, void>> {
    for (;;) {
      this.#working = false;
      const taken = await this.#queue.next();
      if ('ended' in taken) {
        if (taken.error !== undefined) throw taken.error;
        return { done: true, value: undefined };
      }
      this.#working = true;
      const message = await this.#answer(taken.item);
      if (message) return { done: false, value: message };
    }
  }

  /** Null when the subscription ended meanwhile: what it ended with is the next thing to be read. */
  async #answer({ event, positions }: Waiting): Promise<SubscriptionMessage | null> {
    if (this.#isExpired()) this.#expire();
    if (this.#queue.ended) return null;
    const result = await this.#options.execute(event);
    return this.#queue.ended ? null : { result, cursor: this.#options.toCursor(positions) };
  }

  async return(): Promise<IteratorResult<SubscriptionMessage, void>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<SubscriptionMessage, void>> {
    this.end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  idleCursor(): string | null {
    const isIdle = this.#feed && !this.#working && this.#queue.size === 0 && !this.#queue.ended;
    return isIdle && this.#feed ? this.#options.toCursor(this.#feed.positions()) : null;
  }

  end(): void {
    this.#finish();
  }

  /** Ends it with an error, which is the next thing its reader gets. */
  fail(error: AppError): void {
    this.#finish(error);
  }

  #isExpired(): boolean {
    const { identity, clock } = this.#options;
    return identity !== null && clock.now() >= identity.expiresAt;
  }

  #expire(): void {
    this.#finish(new AppError('UNAUTHENTICATED', 'The token has ended.'));
  }

  #finish(error?: unknown): void {
    if (this.#queue.ended) return;
    this.#queue.end(error);
    this.#stopWatching();
    this.#feed?.close();
    this.#options.onEnd();
  }
}
