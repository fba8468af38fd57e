import { calculateObjectSize } from 'bson';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import type { Rows } from './rows.ts';

/** BSON bytes a stage may hold: about 100 MB of heap, which is where MongoDB's stages go to disk or give up. */
export const MAX_HELD_BYTES = 32 * 1024 * 1024;

/** Counts what a stage holds. MongoError QueryExceededMemoryLimitNoDiskUseAllowed when it is too much. */
export class HeldBytes {
  readonly #stage: string;
  #bytes = 0;

  constructor(stage: string) {
    this.#stage = stage;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= MAX_HELD_BYTES) return;
    throw new MongoError(
      'QueryExceededMemoryLimitNoDiskUseAllowed',
      `${this.#stage} would hold more than ${MAX_HELD_BYTES} bytes of documents; the embedded store does not sort or group on disk`,
    );
  }

  addDocument(document: Document): void {
    this.add(calculateObjectSize(document, { ignoreUndefined: true }));
  }

  /** As when what was held has been let go. */
  reset(): void {
    this.#bytes = 0;
  }
}

/** All documents of the rows. MongoError QueryExceededMemoryLimitNoDiskUseAllowed. */
export async function collect(rows: Rows, stage: string): Promise<Document[]> {
  const held = new HeldBytes(stage);
  const documents: Document[] = [];
  for await (const chunk of rows)
    for (const document of chunk) {
      held.addDocument(document);
      documents.push(document);
    }
  return documents;
}
