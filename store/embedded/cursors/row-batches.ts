import type { Rows } from '../aggregate/rows.ts';
import { type Document, encode } from '../value/codec.ts';
import type { Batches } from './cursors.ts';

/** Bytes after which a batch ends. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** Rows of a pipeline read in batches; it runs only as far as it is read. */
export function rowBatches(rows: Rows): Batches {
  let waiting: Document[] = [];
  let at = 0;
  let ahead: Uint8Array | null = null;
  const pull = async (): Promise<Uint8Array | null> => {
    while (at >= waiting.length) {
      const { value, done } = await rows.next();
      if (done || !value) return null;
      [waiting, at] = [value, 0];
    }
    at += 1;
    return encode(waiting[at - 1] as Document);
  };
  return {
    async next(count) {
      const documents: Uint8Array[] = [];
      let size = 0;
      for (; documents.length < count; ahead = null) {
        const bytes: Uint8Array | null = ahead ?? (await pull());
        if (!bytes) return { documents, isDone: true };
        if (documents.length > 0 && size + bytes.length > MAX_BATCH_BYTES) {
          ahead = bytes;
          return { documents, isDone: false };
        }
        documents.push(bytes);
        size += bytes.length;
      }
      // Looking one ahead spares the client a getMore that would find nothing.
      ahead = count === 0 ? null : await pull();
      return { documents, isDone: count > 0 && ahead === null };
    },
  };
}
