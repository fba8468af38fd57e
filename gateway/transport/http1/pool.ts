import type { ClientTls } from '../../../lib/client-tls.ts';
import type { Lifetime } from '../lifetime.ts';
import { Connection, ConnectionError, type RequestBytes } from './connection.ts';
import type { Origin, TlsSession } from './dial.ts';
import type { HttpResponse } from './response-reader.ts';

/** What bounds the connections to one server. */
export interface PoolOptions {
  readonly origin: Origin;
  readonly tls: ClientTls;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** For how long an unused connection is kept where the server does not say, in milliseconds. */
  readonly idleMs: number;
  readonly connectionRequests: number | null;
  readonly connectionAgeMs: number | null;
  /** Bytes of one body as it comes over the wire. */
  readonly maxBytes: number;
}

/** One request to send. */
export interface PoolRequest {
  readonly bytes: RequestBytes;
  readonly lifetime: Lifetime;
  /** Whether connections set aside are not to be trusted: they are closed. */
  readonly fresh?: boolean;
}

/** A request without a connection. */
interface Waiter {
  readonly request: PoolRequest;
  readonly resolve: (response: Promise<HttpResponse>) => void;
  readonly reject: (error: unknown) => void;
}

/** A connection is left this long before the server closes it, in milliseconds: a request may be on its way by then. */
const MARGIN_MS = 1_000;
/** A server's word on keeping connections counts up to this, in milliseconds. */
const LONGEST_IDLE_MS = 600_000;

/**
 * The connections to one server. Whoever finds none free waits, first come first served; the one used last is used first, so
 * that those not needed grow old and are closed.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #session: TlsSession = { ticket: null };
  readonly #open = new Set<Connection>();
  readonly #dialling = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiters = new Set<Waiter>();
  #sweep: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Connections that stand or are being made. */
  get size(): number {
    return this.#open.size + this.#dialling.size;
  }

  /**
   * Sends a request and reads its response. Rejects with ConnectionError, ProtocolError, or what ended the lifetime; the
   * connection of a request that is given up is closed.
   */
  send(request: PoolRequest): Promise<HttpResponse> {
    const { error } = request.lifetime;
    if (error || this.#isClosed) return Promise.reject(error ?? closing());
    if (request.fresh) this.#dropIdle();
    const connection = this.#takeIdle();
    return connection ? this.#sendOver(connection, request) : this.#wait(request);
  }

  /** Closes every connection; requests on them, and those that wait, fail. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#open, ...this.#dialling]) connection.cancel(closing());
    for (const waiter of this.#waiters) this.#leave(waiter).reject(closing());
    if (this.#sweep) clearInterval(this.#sweep);
  }

  #sendOver(connection: Connection, { bytes, lifetime }: PoolRequest): Promise<HttpResponse> {
    return connection.send(bytes, lifetime, this.#options.maxBytes);
  }

  #wait(request: PoolRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { request, resolve, reject };
      request.lifetime.watch((error) => this.#leave(waiter).reject(error));
      this.#waiters.add(waiter);
      this.#dialEnough();
    });
  }

  #leave(waiter: Waiter): Waiter {
    this.#waiters.delete(waiter);
    waiter.request.lifetime.watch(null);
    return waiter;
  }

  /** As many connections are being made as are waited for, within the bound. */
  #dialEnough(): void {
    const { connections, connectTimeoutMs: timeoutMs, origin, tls } = this.#options;
    while (!this.#isClosed && this.#dialling.size < this.#waiters.size && this.size < connections) {
      const events = {
        onFree: (free: Connection) => this.#onFree(free),
        onGone: (gone: Connection, error: unknown) => this.#onGone(gone, error),
      };
      this.#dialling.add(new Connection({ origin, tls, session: this.#session, timeoutMs }, events));
    }
  }

  #onFree(connection: Connection): void {
    if (this.#dialling.delete(connection)) this.#open.add(connection);
    const [waiter] = this.#waiters;
    if (this.#isWorn(connection)) connection.cancel(null);
    else if (waiter) this.#leave(waiter).resolve(this.#sendOver(connection, waiter.request));
    else this.#setAside(connection);
  }

  #setAside(connection: Connection): void {
    connection.idleSince = performance.now();
    this.#idle.push(connection);
    this.#sweep ??= setInterval(() => this.#closeExpired(), MARGIN_MS).unref();
  }

  #onGone(connection: Connection, error: unknown): void {
    const wasDialled = this.#dialling.delete(connection);
    this.#open.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    // Whoever has waited longest learns of it: another connection is made for those behind.
    const [waiter] = wasDialled ? this.#waiters : [];
    if (waiter) this.#leave(waiter).reject(new ConnectionError(error, { hadResponse: false, wasReused: false }));
    this.#dialEnough();
  }

  #takeIdle(): Connection | null {
    for (;;) {
      const connection = this.#idle.pop();
      if (!connection) return null;
      if (connection.isUsable && !this.#isExpired(connection, performance.now())) return connection;
      connection.cancel(null);
    }
  }

  #isWorn({ requests, openedAt }: Connection): boolean {
    const { connectionRequests, connectionAgeMs } = this.#options;
    // One that has carried nothing is somebody's already, whatever its age.
    if (requests === 0) return false;
    if (connectionRequests !== null && requests >= connectionRequests) return true;
    return connectionAgeMs !== null && performance.now() - openedAt >= connectionAgeMs;
  }

  #isExpired({ keepAliveMs, idleSince }: Connection, now: number): boolean {
    const keptMs = keepAliveMs === null ? this.#options.idleMs : Math.min(keepAliveMs - MARGIN_MS, LONGEST_IDLE_MS);
    return now - idleSince >= keptMs;
  }

  #closeExpired(): void {
    const now = performance.now();
    const expired = this.#idle.filter((connection) => this.#isExpired(connection, now) || this.#isWorn(connection));
    for (const connection of expired) this.#discard(connection);
    if (this.#idle.length > 0 || !this.#sweep) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  /** The server has just closed one that was set aside: the others are likely to go the same way. */
  #dropIdle(): void {
    for (const connection of [...this.#idle]) this.#discard(connection);
  }

  #discard(connection: Connection): void {
    this.#idle.splice(this.#idle.indexOf(connection), 1);
    connection.cancel(null);
  }
}

function closing(): ConnectionError {
  return new ConnectionError(new Error('The gateway is closing.'), { hadResponse: false, wasReused: false });
}
