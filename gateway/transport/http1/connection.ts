import type { Socket } from 'node:net';
import type { Lifetime } from '../lifetime.ts';
import { type DialOptions, dial } from './dial.ts';
import { type HttpResponse, ResponseReader } from './response-reader.ts';

/** A whole request: head and body as one text, and how its characters become bytes. */
export interface RequestBytes {
  readonly text: string | Buffer;
  readonly encoding: 'latin1' | 'utf8';
}

/** The connection failed while a request was on it. */
export class ConnectionError extends Error {
  /** Whether anything of a response had come. */
  readonly hadResponse: boolean;
  /** Whether the connection had carried requests before: then the server may have closed it before it saw this one. */
  readonly wasReused: boolean;

  constructor(cause: unknown, { hadResponse, wasReused }: { hadResponse: boolean; wasReused: boolean }) {
    super('The connection failed.', { cause });
    this.name = 'ConnectionError';
    this.hadResponse = hadResponse;
    this.wasReused = wasReused;
  }
}

/** What becomes of a connection, told to the pool. */
export interface ConnectionEvents {
  /** It stands, or its response is complete and it can carry the next request. */
  onFree(connection: Connection): void;
  /** It is gone, or was never made; the request on it was told. */
  onGone(connection: Connection, error: unknown): void;
}

interface Running {
  readonly reader: ResponseReader;
  readonly lifetime: Lifetime;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: unknown) => void;
  hadBytes: boolean;
}

/** One HTTP/1.1 connection: one request at a time, each a single write. */
export class Connection {
  readonly openedAt = performance.now();
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #running: Running | null = null;
  #requests = 0;
  #error: unknown = null;
  /** For how long the server said that it keeps it, in milliseconds. */
  keepAliveMs: number | null = null;
  /** When it was last set aside (`performance.now()`). */
  idleSince = 0;

  /** Dials; `onFree` or `onGone` follows. */
  constructor(options: DialOptions, events: ConnectionEvents) {
    this.#events = events;
    const onBytes = (buffer: Buffer, size: number) => this.#onBytes(buffer, size);
    this.#socket = dial(options, onBytes, () => events.onFree(this));
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.once('close', () => this.#onClose(this.#error ?? new Error('The other side closed the connection.')));
  }

  /** Requests it has carried. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether the other side is not known to have left. */
  get isUsable(): boolean {
    return this.#socket.writable;
  }

  /**
   * Sends a request over a free connection. Rejects with ConnectionError, ProtocolError, what ended the lifetime, or what
   * `cancel` was given; the connection is closed then.
   */
  send({ text, encoding }: RequestBytes, lifetime: Lifetime, maxBytes: number): Promise<HttpResponse> {
    this.#requests += 1;
    return new Promise((resolve, reject) => {
      this.#running = { reader: new ResponseReader(maxBytes), lifetime, resolve, reject, hadBytes: false };
      lifetime.watch((error) => this.cancel(error));
      this.#socket.write(text, encoding);
    });
  }

  /** Closes it. The request on it is given up: its response may still be coming. */
  cancel(error: unknown): void {
    const running = this.#settle();
    this.#socket.destroy();
    running?.reject(error);
  }

  #settle(): Running | null {
    const running = this.#running;
    this.#running = null;
    running?.lifetime.watch(null);
    return running;
  }

  #onBytes(buffer: Buffer, size: number): void {
    const running = this.#running;
    // Nobody asked: whatever this is, it must not be taken for the next answer.
    if (!running) {
      this.#socket.destroy();
      return;
    }
    running.hadBytes = true;
    try {
      const end = running.reader.read(buffer, 0, size);
      const { response } = running.reader;
      if (response) this.#complete(response, end === size);
    } catch (error) {
      this.cancel(error);
    }
  }

  #complete(response: HttpResponse, isClean: boolean): void {
    const running = this.#settle();
    this.keepAliveMs = response.head.keepAliveMs;
    // An answer to a request that is not all sent yet leaves the rest of it in the way of the next.
    const isFree = isClean && response.head.keepsAlive && this.#socket.writableLength === 0;
    if (isFree) this.#events.onFree(this);
    else this.#socket.destroy();
    running?.resolve(response);
  }

  #onEnd(): void {
    const { reader, hadBytes } = this.#running ?? {};
    try {
      if (hadBytes) reader?.end();
      if (hadBytes && reader?.response) this.#complete(reader.response, false);
    } catch (error) {
      this.cancel(error);
    }
    this.#socket.destroy();
  }

  #onClose(error: unknown): void {
    const running = this.#settle();
    running?.reject(new ConnectionError(error, { hadResponse: running.hadBytes, wasReused: this.#requests > 1 }));
    this.#events.onGone(this, error);
  }
}
