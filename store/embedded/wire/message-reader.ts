import { MAX_MESSAGE_SIZE } from '../commands/handshake.ts';
import { HEADER_SIZE, WireError } from './messages.ts';

/** Cuts a stream of bytes into messages. `push` answers the messages that are whole; WireError when a length cannot be. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #size = 0;

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      const length = this.#messageLength();
      if (length === null || this.#size < length) return messages;
      const all = this.#joined();
      messages.push(all.subarray(0, length));
      this.#chunks = all.length > length ? [all.subarray(length)] : [];
      this.#size = all.length - length;
    }
  }

  #messageLength(): number | null {
    if (this.#size < HEADER_SIZE) return null;
    const first = this.#chunks[0] as Buffer;
    const length = (first.length >= 4 ? first : this.#joined()).readInt32LE(0);
    if (length < HEADER_SIZE || length > MAX_MESSAGE_SIZE) throw new WireError(`A message of ${length} bytes`);
    return length;
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#size)];
    return this.#chunks[0] as Buffer;
  }
}
