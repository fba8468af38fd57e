import { ByteCollector } from './byte-collector.ts';
import { ChunkedBody } from './chunked-body.ts';
import { ProtocolError } from './protocol-error.ts';
import { type ResponseHead, readHead } from './response-head.ts';

/** A whole response. */
export interface HttpResponse {
  readonly head: ResponseHead;
  /** Its own memory; nobody else writes to it. */
  readonly body: Buffer;
}

/** Bytes of one head. */
const MAX_HEAD = 16_384;
/** Interim responses (RFC 9110 §15.2) before the final one. */
const MAX_INTERIM = 8;
const HEAD_END = '\r\n\r\n';
const BARE_LF = /(?:^|[^\r])\n/;

/**
 * Reads one response to a POST as its bytes come, however they are cut. Strict where RFC 9112 lets a client be lenient: two
 * readings of the same bytes are how responses get mixed up.
 */
export class ResponseReader {
  readonly #maxBytes: number;
  #text = '';
  #interim = 0;
  #head: ResponseHead | null = null;
  #body: ByteCollector | null = null;
  #chunks: ChunkedBody | null = null;
  #isDone = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The response once it is complete. */
  get response(): HttpResponse | null {
    return this.#isDone && this.#head && this.#body ? { head: this.#head, body: this.#body.take() } : null;
  }

  /** Reads `source` from `start` to `end`, which may be overwritten afterwards; where the response stopped. Throws ProtocolError. */
  read(source: Buffer, start: number, end: number): number {
    let at = start;
    while (!this.#head && at < end) at = this.#readHead(source, at, end);
    return this.#head && !this.#isDone ? this.#readBody(this.#head, source, at, end) : at;
  }

  /** The connection ended in order. A body without a length is complete then; else ProtocolError. */
  end(): void {
    if (this.#head?.framing !== 'close') throw new ProtocolError('the connection ended before the response did');
    this.#isDone = true;
  }

  #readHead(source: Buffer, at: number, end: number): number {
    const before = this.#text.length;
    // Nearly always the whole head comes at once: then nothing else is made into text.
    const last = before === 0 ? source.indexOf(HEAD_END, at) : -1;
    const until = last !== -1 && last + HEAD_END.length <= end ? last + HEAD_END.length : end;
    this.#text += source.toString('latin1', at, Math.min(until, at + MAX_HEAD - before));
    const found = this.#text.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length));
    if (found === -1) {
      this.#checkPartial();
      return end;
    }
    const head = readHead(this.#text.slice(0, found));
    this.#text = '';
    this.#onHead(head);
    return at + found + HEAD_END.length - before;
  }

  #checkPartial(): void {
    const text = this.#text;
    if (text.length >= MAX_HEAD) throw new ProtocolError('the head is too long');
    if (BARE_LF.test(text) || !'HTTP/1.'.startsWith(text.slice(0, 7))) throw new ProtocolError('malformed head');
  }

  #onHead(head: ResponseHead): void {
    if (head.status >= 200) {
      this.#onFinalHead(head);
      return;
    }
    this.#interim += 1;
    if (head.status === 101 || this.#interim > MAX_INTERIM) throw new ProtocolError('unexpected interim response');
  }

  #onFinalHead(head: ResponseHead): void {
    this.#head = head;
    const { framing } = head;
    this.#body = new ByteCollector(this.#maxBytes, typeof framing === 'number' ? framing : undefined);
    if (framing === 'chunked') this.#chunks = new ChunkedBody(this.#body);
    this.#isDone = framing === 0;
  }

  #readBody({ framing }: ResponseHead, source: Buffer, at: number, end: number): number {
    const body = this.#body as ByteCollector;
    if (this.#chunks) {
      const stopped = this.#chunks.read(source, at, end);
      this.#isDone = this.#chunks.isDone;
      return stopped;
    }
    const until = typeof framing === 'number' ? Math.min(end, at + framing - body.size) : end;
    body.add(source, at, until);
    this.#isDone = body.size === framing;
    return until;
  }
}
