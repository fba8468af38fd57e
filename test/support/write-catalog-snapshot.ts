import { readFile, writeFile } from 'node:fs/promises';
import { incompatibilities, toSnapshot } from './catalog-compatibility.ts';

/**
 * Writes the catalog's snapshot anew, unless that would break what it promised:
 *   npx tsx test/support/write-catalog-snapshot.ts && npx biome check --write test/events
 */
const file = new URL('../events/catalog.snapshot.json', import.meta.url);
const committed = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
const broken = incompatibilities(committed, toSnapshot());
if (broken.length > 0) {
  console.error(`Not written. The change breaks:\n${broken.join('\n')}`);
  process.exitCode = 1;
} else {
  await writeFile(file, `${JSON.stringify(toSnapshot(), null, 2)}\n`);
}
