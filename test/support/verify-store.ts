import { Catalog } from '../../store/embedded/catalog/catalog.ts';
import type { CollectionDefinition, IndexDefinition } from '../../store/embedded/catalog/definitions.ts';
import { indexedFields, toEntry } from '../../store/embedded/collection/index-entries.ts';
import { toRecordKey } from '../../store/embedded/collection/record-key.ts';
import { DiskFile } from '../../store/embedded/disk/disk-file.ts';
import type { Entry, KeyRange, Reader } from '../../store/embedded/disk/reader.ts';
import { decode } from '../../store/embedded/value/codec.ts';
import { successor } from '../../store/embedded/value/key.ts';

const CHUNK = 1000;

function* all(reader: Reader, id: string): Generator<Entry> {
  let range: KeyRange = { start: id, end: successor(id) };
  for (;;) {
    const entries = reader.range(range, CHUNK);
    yield* entries;
    if (entries.length < CHUNK) return;
    range = { start: `${entries.at(-1)?.[0]}\x00`, end: range.end };
  }
}

function entriesOf(reader: Reader, collection: CollectionDefinition, index: IndexDefinition): Map<string, string> {
  const expected = new Map<string, string>();
  for (const [key, bytes] of all(reader, collection.id)) {
    const recordKey = key.slice(collection.id.length);
    for (const fields of indexedFields(index, decode(bytes)).keys) {
      const [entry, value] = toEntry(index, fields, recordKey);
      expected.set(entry, Buffer.from(value).toString('latin1'));
    }
  }
  return expected;
}

function disagreements(reader: Reader, collection: CollectionDefinition, index: IndexDefinition): string[] {
  const expected = entriesOf(reader, collection, index);
  const wrong: string[] = [];
  for (const [key, value] of all(reader, index.id)) {
    if (expected.get(key) !== Buffer.from(value).toString('latin1')) wrong.push(`${index.name} has too much`);
    expected.delete(key);
  }
  return [...wrong, ...[...expected].map(() => `${index.name} lacks an entry`)];
}

function misplaced(reader: Reader, collection: CollectionDefinition): string[] {
  return [...all(reader, collection.id)]
    .filter(([key, bytes]) => toRecordKey(decode(bytes)['_id']) !== key.slice(collection.id.length))
    .map(() => 'a document is not where its _id says');
}

/** Walks over every document and every index entry of a data file nobody has open; answers what does not agree. */
export async function verifyStore(file: string): Promise<string[]> {
  const disk = new DiskFile(file);
  try {
    return new Catalog(disk)
      .list()
      .flatMap((collection) =>
        [
          ...misplaced(disk, collection),
          ...collection.indexes.flatMap((index) => disagreements(disk, collection, index)),
        ].map((what) => `${collection.namespace}: ${what}`),
      );
  } finally {
    await disk.close();
  }
}
