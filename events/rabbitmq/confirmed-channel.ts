import type { ConfirmChannel, Options } from 'amqplib';
import { newUlid } from '../../lib/ids.ts';
import { unknownTopic } from '../record-limits.ts';
import { closeQuietly, type Link } from './link.ts';

/** A channel on which nothing goes unnoticed: confirmed when durable, an error when the broker has no such queue. */
export class ConfirmedChannel {
  readonly channel: ConfirmChannel;
  readonly #returned = new Set<string>();
  #isOpen = true;

  /** Opens one on a connection. */
  static async open(link: Link): Promise<ConfirmedChannel> {
    return new ConfirmedChannel(await link.confirmChannel());
  }

  constructor(channel: ConfirmChannel) {
    this.channel = channel;
    channel.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)));
    channel.on('close', () => {
      this.#isOpen = false;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Sends one message, by its `messageId`. `settled` is called once: with null when the broker has it durably, with
   * EVENT_INVALID when there is no such queue, with what went wrong else. False: wait for `drain` before the next one.
   */
  send(
    queue: string,
    content: Buffer,
    options: Options.Publish & { readonly messageId: string },
    settled: (error: unknown) => void,
  ): boolean {
    const message = { ...options, mandatory: true, persistent: true };
    return this.channel.sendToQueue(queue, content, message, (error: unknown) => {
      // The broker returns a message before it confirms it.
      settled(this.#returned.delete(options.messageId) ? unknownTopic(queue) : error);
    });
  }

  /** Sends one message; resolves once it is durable. */
  put(queue: string, content: Buffer, options: Options.Publish = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.send(queue, content, { ...options, messageId: newUlid() }, (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await closeQuietly(this.channel);
  }
}
