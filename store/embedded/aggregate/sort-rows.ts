import { MongoError } from '../mongo-error.ts';
import { nextTurn } from '../query/scan.ts';
import { sortKey, toSortSpec } from '../query/sort.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { HeldBytes } from './held-documents.ts';
import { fromList, type Stage } from './rows.ts';

interface Keyed {
  readonly key: string;
  readonly document: Document;
}

const byKey = (left: Keyed, right: Keyed) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);

/** `$sort`. With `keep` only that many of the first are held. */
export function sortStage(specification: unknown, keep: number): Stage {
  if (!isDocument(specification) || Object.keys(specification).length === 0)
    throw new MongoError('BadValue', '$sort stage must have at least one sort key');
  const sort = toSortSpec(specification);
  return async function* (rows) {
    const held = new HeldBytes('$sort');
    let list: Keyed[] = [];
    for await (const chunk of rows) {
      for (const document of chunk) {
        held.addDocument(document);
        list.push({ key: sortKey(document, sort), document });
      }
      if (list.length <= keep * 2 + 1000) continue;
      list = list.sort(byKey).slice(0, keep);
      held.reset();
      for (const { document } of list) held.addDocument(document);
      await nextTurn();
    }
    list.sort(byKey);
    yield* fromList(list.slice(0, keep).map(({ document }) => document));
  };
}
