import type { ByteCollector } from './byte-collector.ts';
import { ProtocolError } from './protocol-error.ts';
import { readFields } from './response-head.ts';

const CR = 13;
const LF = 10;
/** Bytes of a line with a chunk's size; extensions are read over. */
const MAX_SIZE_LINE = 256;
/** Bytes of all trailers. */
const MAX_TRAILERS = 8_192;
const SIZE_LINE = /^([0-9A-Fa-f]{1,8})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?\r$/;

type State = 'size' | 'data' | 'data-end' | 'trailers' | 'done';

/** Reads a chunked body (RFC 9112 §7.1) as it comes. Trailers are checked and dropped. */
export class ChunkedBody {
  readonly #body: ByteCollector;
  readonly #trailers: string[] = [];
  #state: State = 'size';
  #line = '';
  #left = 0;
  #trailerBytes = 0;

  constructor(body: ByteCollector) {
    this.#body = body;
  }

  /** Whether the body is complete. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Reads on, from `start` up to `end` or the end of the body; where it stopped. ProtocolError when these are no chunks. */
  read(source: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state !== 'done') {
      if (this.#state === 'data') at = this.#readData(source, at, end);
      else if (this.#state === 'data-end') at = this.#readDataEnd(source, at);
      else at = this.#readLine(source, at, end);
    }
    return at;
  }

  #readData(source: Buffer, at: number, end: number): number {
    const until = Math.min(end, at + this.#left);
    this.#body.add(source, at, until);
    this.#left -= until - at;
    if (this.#left === 0) [this.#state, this.#left] = ['data-end', 2];
    return until;
  }

  /** The line end after a chunk's data: exactly CR LF. */
  #readDataEnd(source: Buffer, at: number): number {
    if (source[at] !== (this.#left === 2 ? CR : LF)) throw new ProtocolError('a chunk longer than its size');
    this.#left -= 1;
    if (this.#left === 0) this.#state = 'size';
    return at + 1;
  }

  #readLine(source: Buffer, at: number, end: number): number {
    const found = source.indexOf(LF, at);
    const isWhole = found !== -1 && found < end;
    this.#line += source.toString('latin1', at, isWhole ? found : end);
    const limit = this.#state === 'size' ? MAX_SIZE_LINE : MAX_TRAILERS - this.#trailerBytes;
    if (this.#line.length > limit) throw new ProtocolError('a line of a chunked body is too long');
    if (!isWhole) return end;
    const line = this.#line;
    this.#line = '';
    if (this.#state === 'size') this.#onSize(line);
    else this.#onTrailer(line);
    return found + 1;
  }

  #onSize(line: string): void {
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) throw new ProtocolError('malformed size of a chunk');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
  }

  #onTrailer(line: string): void {
    if (!line.endsWith('\r')) throw new ProtocolError('malformed trailer');
    if (line !== '\r') {
      this.#trailerBytes += line.length;
      this.#trailers.push(line.slice(0, -1));
      return;
    }
    readFields(this.#trailers);
    this.#state = 'done';
  }
}
