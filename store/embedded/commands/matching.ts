import type { CollectionDefinition } from '../catalog/definitions.ts';
import { ReadDocument, type StoredDocument } from '../collection/document-writer.ts';
import { compileFilter } from '../query/filter.ts';
import { type FindOptions, find } from '../query/find.ts';
import { PAUSE } from '../query/scan.ts';
import type { CommandRun } from './command-run.ts';

/**
 * Hands each matching document to `visit`, once, as it is at that moment; `visit` answers whether to go on.
 * Between pauses everything is one turn of the thread, so what `visit` sees is what it changes.
 */
export async function eachMatch(
  run: CommandRun,
  collection: CollectionDefinition,
  options: FindOptions,
  visit: (stored: StoredDocument) => boolean,
): Promise<void> {
  const visited = new Set<string>();
  const matches = compileFilter(options.filter, options.variables);
  for (const found of find(run, collection, options).documents) {
    if (found === PAUSE) {
      await run.pause();
      continue;
    }
    if (visited.has(found.recordKey)) continue;
    const bytes = run.get(collection.id + found.recordKey);
    if (!bytes) continue;
    const isSame = Buffer.compare(bytes, found.bytes) === 0;
    const current = isSame ? found : new ReadDocument(found.recordKey, bytes);
    if (!isSame && !matches(current.document)) continue;
    visited.add(found.recordKey);
    if (!visit(current)) return;
  }
}
