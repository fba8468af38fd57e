import type { StoredDocument } from '../collection/document-writer.ts';
import { nextTurn, PAUSE, type Scan } from '../query/scan.ts';
import type { Batch, Batches } from './cursors.ts';

/** Bytes after which a batch ends. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** A scan read in batches; `toBytes` gives what the client sees of a document. */
export function scanBatches(scan: Scan, toBytes: (stored: StoredDocument) => Uint8Array): Batches {
  let ahead: Uint8Array | null = null;
  const pull = async (): Promise<Uint8Array | null> => {
    for (;;) {
      const { value, done } = scan.next();
      if (done || value === undefined) return null;
      if (value !== PAUSE) return toBytes(value);
      await nextTurn();
    }
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

/** Documents already at hand, read in batches. */
export function listBatches(documents: readonly Uint8Array[]): Batches {
  let at = 0;
  return {
    next(count): Promise<Batch> {
      let [end, size] = [at, 0];
      while (end < documents.length && end - at < count) {
        size += (documents[end] as Uint8Array).length;
        if (size > MAX_BATCH_BYTES && end > at) break;
        end += 1;
      }
      const batch = { documents: documents.slice(at, end), isDone: end >= documents.length };
      at = end;
      return Promise.resolve(batch);
    },
  };
}
