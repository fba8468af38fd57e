import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../lib/errors.ts';
import { fetchSupergraph, type SupergraphRequest } from './fetch-supergraph.ts';
import type { SupergraphSource } from './source.ts';

/** How a supergraph is fetched. */
export interface UrlSourceOptions extends Partial<Omit<SupergraphRequest, 'url' | 'etag' | 'signal'>> {
  /** Milliseconds between two looks. @default 10 000 */
  readonly pollMs?: number;
}

const DEFAULT_POLL_MS = 10_000;
/** The first try that fails is repeated so soon, milliseconds, then after twice as long each time. */
const FIRST_RETRY_MS = 500;

/** Polls a URL. Until the first supergraph is there, failed tries are repeated with back-off. */
class UrlSource implements SupergraphSource {
  readonly isPatient = true;
  readonly #request: Omit<SupergraphRequest, 'etag' | 'signal'>;
  readonly #pollMs: number;
  readonly #closing = new AbortController();
  #wake = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #onChange: (supergraphSdl: string) => void = () => {};
  #onError: (error: AppError) => void = () => {};
  #last: { readonly text: string; readonly etag: string | null } | null = null;

  constructor(url: string, { pollMs = DEFAULT_POLL_MS, ...options }: UrlSourceOptions) {
    this.#pollMs = pollMs;
    this.#request = { url, timeoutMs: 10_000, maxBytes: 20_000_000, fetch, headers: {}, ...options };
  }

  async start(onChange: (supergraphSdl: string) => void, onError: (error: AppError) => void): Promise<string> {
    this.#onChange = onChange;
    this.#onError = onError;
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, this.#pollMs)) {
      const text = await this.#try();
      if (text !== null) {
        void this.#poll();
        return text;
      }
      // Between half and all of it: gateways that lost their source together do not come back together.
      await this.#rest(wait * (0.5 + Math.random() / 2));
      if (this.#closing.signal.aborted) throw new AppError('SHUTTING_DOWN', 'The server is stopping.');
    }
  }

  async reload(): Promise<void> {
    // Before the first supergraph, looking again is what `start` does.
    if (this.#last === null) this.#wake.abort();
    else await this.#look();
  }

  close(): void {
    this.#closing.abort();
  }

  async #poll(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#rest(this.#pollMs * (0.9 + Math.random() / 5));
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const before = this.#last?.text;
    const text = await this.#try();
    if (text !== null && text !== before) this.#onChange(text);
  }

  /** The supergraph as it is now; null when it could not be had. One fetch at a time. */
  #try(): Promise<string | null> {
    const tried = this.#turn.then(() => this.#fetch());
    this.#turn = tried;
    return tried;
  }

  async #fetch(): Promise<string | null> {
    const { signal } = this.#closing;
    if (signal.aborted) return null;
    try {
      const fetched = await fetchSupergraph({ ...this.#request, etag: this.#last?.etag ?? null, signal });
      if (fetched !== 'unchanged') this.#last = fetched;
      return this.#last?.text ?? null;
    } catch (error) {
      if (!signal.aborted) this.#onError(error instanceof AppError ? error : unexpected(error));
      return null;
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#wake.signal]);
    await delay(milliseconds, null, { signal, ref: false }).catch(() => null);
  }
}

function unexpected(cause: unknown): AppError {
  return new AppError('SCHEMA_UNAVAILABLE', 'The supergraph could not be fetched.', { cause });
}

/** A supergraph fetched over http(s) and looked at again in an interval, with `If-None-Match` where the server gives an ETag. */
export function fromUrl(url: string, options: UrlSourceOptions = {}): SupergraphSource {
  return new UrlSource(url, options);
}
