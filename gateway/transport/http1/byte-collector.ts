import { ProtocolError } from './protocol-error.ts';

const FIRST_BYTES = 16_384;

/** Gathers the bytes of one body into one buffer of its own. */
export class ByteCollector {
  readonly #limit: number;
  #buffer: Buffer;
  #size = 0;

  /** `expected` is the size where it is known. ProtocolError `size` over the limit, before anything is allocated. */
  constructor(limit: number, expected?: number) {
    if (expected !== undefined && expected > limit) throw tooLarge(limit);
    this.#limit = limit;
    this.#buffer = Buffer.allocUnsafe(expected ?? Math.min(FIRST_BYTES, limit));
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds a copy of `source` from `start` to `end`. */
  add(source: Buffer, start: number, end: number): void {
    const size = this.#size + end - start;
    if (size > this.#limit) throw tooLarge(this.#limit);
    if (size > this.#buffer.length) this.#grow(size);
    source.copy(this.#buffer, this.#size, start, end);
    this.#size = size;
  }

  /** All of it; nothing may be added afterwards. */
  take(): Buffer {
    return this.#size === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#size);
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(size, this.#buffer.length * 2)));
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#buffer = larger;
  }
}

function tooLarge(limit: number): ProtocolError {
  return new ProtocolError(`more than ${limit} bytes`, 'size');
}
