import { randomInt } from 'node:crypto';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { HeldBytes } from './held-documents.ts';
import { fromList, type Stage } from './rows.ts';

/** `$sample`: `size` different documents, each as likely as any other (Vitter's algorithm R). MongoError BadValue. */
export function sampleStage(specification: unknown): Stage {
  const size = isDocument(specification) ? specification['size'] : undefined;
  if (typeof size !== 'number' || size < 1)
    throw new MongoError('BadValue', 'size argument to $sample must be positive');
  return async function* (rows) {
    const held = new HeldBytes('$sample');
    const sample: Document[] = [];
    let seen = 0;
    const place = (document: Document) => {
      if (seen < size) held.addDocument(document);
      seen += 1;
      const at = seen <= size ? seen - 1 : randomInt(seen);
      if (at < size) sample[at] = document;
    };
    for await (const chunk of rows) for (const document of chunk) place(document);
    yield* fromList(sample);
  };
}
