import type { Duplex } from 'node:stream';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import type { ClientTls } from '../../lib/client-tls.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

/** Seconds between signs of life; a peer silent for two of them is given up. https://www.rabbitmq.com/docs/heartbeats */
const HEARTBEAT_S = 10;
const CONNECT_MS = 3_000;
/** How long a closing waits for the broker's word. */
const CLOSE_MS = 2_000;

/** Where the broker is, and who we are. */
export interface LinkOptions {
  /** `amqp://` or `amqps://`, with user, password and virtual host. */
  readonly url: string;
  readonly tls?: ClientTls | undefined;
  /** What the broker's own lists call this connection. */
  readonly name: string;
  readonly logger: Logger;
}

/** One connection to the broker, opened when a channel is asked for and none is open. */
export class Link {
  readonly #options: LinkOptions;
  #model: Promise<ChannelModel> | null = null;
  #isClosed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** A channel of its own. Its `close` event tells that it, or the connection, is gone. */
  async channel(): Promise<Channel> {
    const model = await this.#connected();
    return watched(await model.createChannel());
  }

  /** A channel on which the broker confirms what is published. */
  async confirmChannel(): Promise<ConfirmChannel> {
    const model = await this.#connected();
    return watched(await model.createConfirmChannel());
  }

  /** Breaks a connection that stands still, so that its channels close now and not at the next missing heartbeats. */
  async drop(reason: string): Promise<void> {
    const model = await this.#model?.catch(() => null);
    if (!model) return;
    this.#options.logger.warn({ reason }, 'the connection to RabbitMQ is given up');
    streamOf(model).destroy(new Error(reason));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const model = await this.#model?.catch(() => null);
    if (!model) return;
    const timer = setTimeout(() => streamOf(model).destroy(new Error('closing took too long')), CLOSE_MS);
    // A connection that is gone already needs no goodbye.
    await model.close().catch(() => undefined);
    clearTimeout(timer);
  }

  #connected(): Promise<ChannelModel> {
    if (this.#isClosed) return Promise.reject(new AppError('SHUTTING_DOWN', 'The event bus is closed.'));
    this.#model ??= this.#connect().catch((error: unknown) => {
      this.#model = null;
      throw error;
    });
    return this.#model;
  }

  async #connect(): Promise<ChannelModel> {
    const { url, tls, name, logger } = this.#options;
    const model = await connect(withHeartbeat(url), {
      ...tls,
      timeout: CONNECT_MS,
      noDelay: true,
      clientProperties: { connection_name: name },
    });
    model.on('error', (error) => logger.warn({ err: error }, 'the connection to RabbitMQ broke'));
    model.on('blocked', (reason) => logger.warn({ reason }, 'RabbitMQ takes nothing for now'));
    model.on('unblocked', () => logger.info({}, 'RabbitMQ takes records again'));
    model.on('close', () => {
      this.#model = null;
    });
    return model;
  }
}

/** The broker's complaint about a channel also fails the call that caused it, and `close` follows: nothing is lost here. */
function watched<Kind extends Channel>(channel: Kind): Kind {
  channel.on('error', () => undefined);
  channel.setMaxListeners(0);
  return channel;
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(HEARTBEAT_S));
  return parsed.href;
}

/** The socket is not among the library's public types, and a frozen broker answers no other way of ending. */
function streamOf(model: ChannelModel): Duplex {
  return (model.connection as unknown as { stream: Duplex }).stream;
}

/** Closes a channel that may be gone already, or go meanwhile: the library's own promise then never settles. */
export function closeQuietly(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    channel.once('close', () => resolve());
    channel.close().then(resolve, () => resolve());
  });
}
