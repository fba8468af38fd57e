import { MongoError } from '../mongo-error.ts';

/** Documents within documents, as deep as MongoDB takes them. https://www.mongodb.com/docs/manual/reference/limits/ */
export const MAX_DEPTH = 200;

/** The least bytes a document can have: its length and its end mark. */
const LEAST = 5;

const TYPE = { string: 2, document: 3, array: 4, binary: 5, boolean: 8, regExp: 11, pointer: 12, scopedCode: 15 };

/** A subtype of binary that is no longer used. */
const OLD_BINARY = 2;

/** Bytes of the values whose size their type tells. https://bsonspec.org/spec.html */
const FIXED: Readonly<Record<number, number>> = {
  1: 8,
  6: 0,
  7: 12,
  8: 1,
  9: 8,
  10: 0,
  16: 4,
  17: 8,
  18: 8,
  19: 16,
  127: 0,
  255: 0,
};
/** Text, code and symbol: a length, that many bytes, the last of them NUL. */
const TEXTS = new Set([TYPE.string, 13, 14]);

function invalid(what: string): MongoError {
  return new MongoError('InvalidBSON', `Invalid BSON: ${what}`);
}

/** Walks over the bytes of one document without building anything. */
class Walker {
  readonly #bytes: Buffer;
  /** Ends of the documents we are in. */
  readonly #ends: number[] = [];
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  walk(): void {
    this.#enter(this.#bytes.length);
    if (this.#end !== this.#bytes.length) throw invalid('a document lies about its length');
    while (this.#ends.length > 0) {
      const type = this.#bytes[this.#at] as number;
      this.#at += 1;
      if (this.#at < this.#end && type !== 0) this.#element(type);
      else this.#leave(type);
    }
  }

  get #end(): number {
    return this.#ends.at(-1) as number;
  }

  #enter(limit: number): void {
    const end = this.#at + this.#int32(limit);
    if (end < this.#at + LEAST || end > limit) throw invalid('a document lies about its length');
    if (this.#ends.length >= MAX_DEPTH)
      throw new MongoError('Overflow', `Documents are nested deeper than ${MAX_DEPTH} levels`);
    this.#ends.push(end);
    this.#at += 4;
  }

  #leave(mark: number): void {
    if (mark !== 0 || this.#at !== this.#end) throw invalid('a document does not end where it says');
    this.#ends.pop();
  }

  #element(type: number): void {
    this.#skipText();
    const size = FIXED[type];
    if (size !== undefined) this.#fixed(type, size);
    else if (TEXTS.has(type)) this.#string(this.#end);
    else this.#compound(type);
  }

  #compound(type: number): void {
    if (type === TYPE.document || type === TYPE.array) this.#enter(this.#end - 1);
    else if (type === TYPE.binary) this.#binary();
    else if (type === TYPE.pointer) {
      this.#string(this.#end);
      this.#skip(12);
    } else if (type === TYPE.regExp) {
      this.#skipText();
      this.#skipText();
    } else if (type === TYPE.scopedCode) this.#scopedCode();
    else throw invalid(`type ${type} does not exist`);
  }

  #fixed(type: number, size: number): void {
    if (type === TYPE.boolean && (this.#bytes[this.#at] as number) > 1) throw invalid('a boolean is neither 0 nor 1');
    this.#skip(size);
  }

  /** The old generic subtype says its length a second time. */
  #binary(): void {
    const length = this.#length(0);
    const start = this.#at + 5;
    if (this.#bytes[start - 1] === OLD_BINARY) {
      this.#at = start;
      if (this.#length(0) !== length - 4) throw invalid('a binary lies about its length');
      this.#at = start - 5;
    }
    this.#skip(length + 5);
  }

  #scopedCode(): void {
    const end = this.#at + this.#length(14);
    if (end >= this.#end) throw invalid('code lies about its length');
    this.#at += 4;
    this.#string(end);
    const scope = this.#at;
    this.#enter(end);
    if (this.#end !== end || scope + LEAST > end) throw invalid('code lies about its length');
  }

  #string(limit: number): void {
    const length = this.#length(1);
    this.#at += 4;
    if (this.#at + length > limit || this.#bytes[this.#at + length - 1] !== 0)
      throw invalid('a text lies about its length');
    this.#skip(length);
  }

  #length(least: number): number {
    const length = this.#int32(this.#end);
    if (length < least) throw invalid('a value lies about its length');
    return length;
  }

  #int32(limit: number): number {
    if (this.#at + 4 > limit) throw invalid('it ends too early');
    return this.#bytes.readInt32LE(this.#at);
  }

  /** Over text that a NUL ends. */
  #skipText(): void {
    const nul = this.#bytes.indexOf(0, this.#at);
    if (nul < 0) throw invalid('a name does not end');
    this.#skip(nul + 1 - this.#at);
  }

  #skip(size: number): void {
    this.#at += size;
    if (this.#at >= this.#end) throw invalid('a value reaches over the end of its document');
  }
}

/**
 * Sees to it that the bytes are one whole BSON document in which every length is true: what is stored must be readable ever after.
 * MongoError InvalidBSON, and Overflow when it is nested deeper than `MAX_DEPTH`. Whether text is UTF-8 is left to the decoder.
 */
export function checkBson(bytes: Uint8Array): void {
  new Walker(bytes).walk();
}
