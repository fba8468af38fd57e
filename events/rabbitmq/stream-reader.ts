import type { Channel, ConsumeMessage } from 'amqplib';
import { openStream } from './open-stream.ts';
import { isFirst, streamOffset } from './record-codec.ts';

/** Messages read ahead of the handler; the broker sends whole chunks, so somewhat more may come. */
const PREFETCH = 16;
/**
 * How long messages may wait here unacknowledged. The broker closes a channel over one that waits for 30 minutes; a handler
 * may well take that long for those before it. https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout
 */
const HOLD_MS = 5 * 60_000;

/** Which log to read, and from where. */
export interface StreamReaderOptions {
  /** The caller's to close, which ends the reading. */
  readonly channel: Channel;
  readonly stream: string;
  /** A place of the stream's own counting. */
  readonly from: number;
  /** How long messages may wait here unacknowledged, in milliseconds. @default 300000 */
  readonly holdMs?: number;
}

/** Reads a log message by message, at the pace of who takes them. */
export class StreamReader {
  readonly #channel: Channel;
  readonly #stream: string;
  readonly #holdMs: number;
  #tag: string | null = null;
  #buffer: ConsumeMessage[] = [];
  /** So many of the buffer's first are acknowledged already. */
  #acknowledged = 0;
  #next: number;
  #takenAt = performance.now();
  #wake: () => void = () => undefined;
  #stop: () => void = () => undefined;
  #isClosed = false;

  /** Resolves once the broker sends. */
  static async open(options: StreamReaderOptions): Promise<StreamReader> {
    const reader = new StreamReader(options);
    await reader.#consume();
    return reader;
  }

  private constructor({ channel, stream, from, holdMs = HOLD_MS }: StreamReaderOptions) {
    this.#channel = channel;
    this.#stream = stream;
    this.#next = from;
    this.#holdMs = holdMs;
    const timer = setInterval(() => this.#look(), holdMs / 10).unref();
    channel.once('close', () => {
      clearInterval(timer);
      this.#isClosed = true;
      this.#buffer = [];
      this.#wake();
    });
  }

  /** Whether a message is there already. */
  get hasNext(): boolean {
    return this.#buffer.length > 0;
  }

  /** The next message; null once the channel is closed or the signal aborts. */
  async next(signal: AbortSignal): Promise<ConsumeMessage | null> {
    while (!this.#isClosed && !signal.aborted) {
      const message = this.#buffer.shift();
      this.#takenAt = performance.now();
      if (message) {
        if (this.#acknowledged > 0) this.#acknowledged -= 1;
        else this.#channel.ack(message);
        return message;
      }
      if (this.#tag === null) await this.#consume();
      if (this.#buffer.length === 0) await this.#arrival(signal);
    }
    return null;
  }

  async #arrival(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', this.#wake, { once: true });
      if (signal.aborted || this.#isClosed) resolve();
    });
    signal.removeEventListener('abort', this.#wake);
  }

  async #consume(): Promise<void> {
    const reading = { isStopped: false };
    const tag = await openStream({
      channel: this.#channel,
      stream: this.#stream,
      from: this.#next,
      prefetch: PREFETCH,
      onMessage: (message) => this.#arrived(message, reading),
    });
    this.#tag = tag;
    this.#stop = () => {
      reading.isStopped = true;
      this.#tag = null;
      // A failure closes the channel, which `next` then tells.
      this.#channel.cancel(tag).catch(() => undefined);
    };
  }

  #arrived(message: ConsumeMessage, reading: { readonly isStopped: boolean }): void {
    if (this.#isClosed) return;
    // What is still under way from a stopped reading comes again with the next.
    if (reading.isStopped || isFirst(message)) {
      this.#channel.ack(message);
      return;
    }
    this.#next = streamOffset(message) + 1;
    this.#buffer.push(message);
    this.#wake();
  }

  /** Stops the broker's sending while nobody takes, and acknowledges what is here; `next` begins again behind it. */
  #look(): void {
    const isHeld = this.#tag !== null && this.#buffer.length > 0 && performance.now() - this.#takenAt > this.#holdMs;
    if (!isHeld) return;
    this.#stop();
    for (const message of this.#buffer.slice(this.#acknowledged)) this.#channel.ack(message);
    this.#acknowledged = this.#buffer.length;
  }
}
