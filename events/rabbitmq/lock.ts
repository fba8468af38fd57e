import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../lib/errors.ts';
import { backoffMs } from '../backoff.ts';
import { ConfirmedChannel } from './confirmed-channel.ts';
import { isLocked } from './failure.ts';
import type { Link } from './link.ts';
import { lockName } from './names.ts';

/** How long to wait for another who is making the same things. */
const WAIT_MS = 20_000;

/**
 * Runs one after the other, over all processes: an exclusive queue belongs to one connection and goes with it.
 * https://www.rabbitmq.com/docs/queues#exclusive-queues
 */
export class Lock {
  readonly #link: Link;
  /** Exclusive is per connection, and ours is one: callers of this process wait for each other here. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** Runs alone among all that name the same thing. The channel is on the connection that has the lock. */
  hold<Result>(what: string, run: (channel: ConfirmedChannel) => Promise<Result>): Promise<Result> {
    const before = this.#last.get(what) ?? Promise.resolve();
    const mine = before.then(() => this.#alone(what, run));
    const settled = mine.catch(() => undefined);
    this.#last.set(what, settled);
    void settled.then(() => {
      if (this.#last.get(what) === settled) this.#last.delete(what);
    });
    return mine;
  }

  async #alone<Result>(what: string, run: (channel: ConfirmedChannel) => Promise<Result>): Promise<Result> {
    const channel = await this.#acquire(lockName(what));
    try {
      return await run(channel);
    } finally {
      if (channel.isOpen) await channel.channel.deleteQueue(lockName(what)).catch(() => undefined);
      await channel.close();
    }
  }

  async #acquire(queue: string): Promise<ConfirmedChannel> {
    const end = performance.now() + WAIT_MS;
    for (let attempt = 1; ; attempt += 1) {
      const channel = await ConfirmedChannel.open(this.#link);
      try {
        await channel.channel.assertQueue(queue, { exclusive: true, durable: false, autoDelete: true });
        return channel;
      } catch (error) {
        if (!isLocked(error)) throw error;
        if (performance.now() > end)
          throw new AppError('BUS_UNAVAILABLE', `Another process holds ${queue} for long.`, { cause: error });
        await wait(backoffMs(attempt, { firstMs: 20, maxMs: 500 }));
      }
    }
  }
}
