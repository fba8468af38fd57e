import type { CollectionDefinition } from '../catalog/definitions.ts';
import { ReadDocument, type StoredDocument } from '../collection/document-writer.ts';
import { compileCollated } from '../query/collated-find.ts';
import { toCollation } from '../query/collation.ts';
import { compileFilter } from '../query/filter.ts';
import { PAUSE } from '../query/scan.ts';
import type { CommandRun } from './command-run.ts';
import { openScan, type ScanOptions } from './open-scan.ts';

function matcherOf({ filter, variables, collation }: ScanOptions) {
  const strings = toCollation(collation);
  return strings ? compileCollated(filter, strings) : compileFilter(filter, variables);
}

/**
 * Hands each matching document to `visit`, once, as it is at that moment; `visit` answers whether to go on.
 * Between pauses everything is one turn of the thread, so what `visit` sees is what it changes.
 */
export async function eachMatch(
  run: CommandRun,
  collection: CollectionDefinition,
  options: ScanOptions,
  visit: (stored: StoredDocument) => boolean,
): Promise<void> {
  const visited = new Set<string>();
  const matches = matcherOf(options);
  for (const found of openScan(run, collection, options)) {
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
