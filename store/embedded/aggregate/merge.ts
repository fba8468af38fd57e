import { ObjectId } from 'bson';
import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { CommandRun } from '../commands/command-run.ts';
import { eachMatch } from '../commands/matching.ts';
import { insertOne, updateOne } from '../commands/write-one.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, encode, isDocument } from '../value/codec.ts';
import { valuesAt } from '../value/path.ts';
import { compileExpression, type Variables } from './expressions.ts';
import type { Rows } from './rows.ts';
import { toTarget } from './write-out.ts';

type Matched = 'merge' | 'replace' | 'keepExisting' | 'fail' | readonly Document[];

/** A `$merge` as it was asked for. */
interface Merge {
  readonly namespace: string;
  readonly on: readonly string[];
  readonly whenMatched: Matched;
  readonly whenNotMatched: 'insert' | 'discard' | 'fail';
  readonly variablesOf: (document: Document) => Variables;
}

const MATCHED = new Set(['merge', 'replace', 'keepExisting', 'fail']);
const NOT_MATCHED = new Set(['insert', 'discard', 'fail']);

function toMerge(run: CommandRun, specification: unknown, variables: Variables): Merge {
  const {
    into,
    on = '_id',
    whenMatched = 'merge',
    whenNotMatched = 'insert',
    ...rest
  } = isDocument(specification) ? specification : { into: specification };
  const { let: bound = { new: '$$ROOT' }, ...unknown } = rest as Document;
  const other = Object.keys(unknown)[0];
  if (other) throw new MongoError('UnknownField', `BSON field '$merge.${other}' is an unknown field.`);
  if (!NOT_MATCHED.has(whenNotMatched) || (!MATCHED.has(whenMatched) && !Array.isArray(whenMatched)))
    throw new MongoError('BadValue', 'Enumeration value for $merge is not a valid value');
  const evaluate = Object.entries(bound as Document).map(
    ([name, expression]) => [name, compileExpression(expression, variables)] as const,
  );
  return {
    namespace: toTarget(run.database, into),
    on: Array.isArray(on) ? on : [on],
    whenMatched,
    whenNotMatched,
    variablesOf: (document) => ({
      ...variables,
      ...Object.fromEntries(evaluate.map(([name, value]) => [name, value(document) ?? null])),
    }),
  };
}

function requireUnique(collection: CollectionDefinition, on: readonly string[]): void {
  const isCovered = (paths: readonly string[]) =>
    paths.length === on.length && on.every((path) => paths.includes(path));
  const unique = collection.indexes.filter((index) => index.unique && !index.partial && index.ready);
  if (isCovered(['_id']) || unique.some(({ fields }) => isCovered(fields.map(([path]) => path)))) return;
  throw new MongoError('MergeNeedsUniqueIndex', "Cannot find index to verify that join fields will be unique for 'on'");
}

function filterOf(document: Document, on: readonly string[]): Document {
  return Object.fromEntries(
    on.map((path) => {
      const value = valuesAt(document, path)[0];
      if (value === undefined || value === null || Array.isArray(value))
        throw new MongoError('BadValue', "$merge write error: 'on' field cannot be missing, null or an array");
      return [path, { $eq: value }];
    }),
  );
}

function updateOf({ whenMatched }: Merge, before: Document, document: Document): Document | readonly Document[] {
  if (whenMatched === 'merge') return { ...before, ...document };
  return whenMatched === 'replace' ? document : (whenMatched as readonly Document[]);
}

async function mergeOne(
  run: CommandRun,
  collection: CollectionDefinition,
  merge: Merge,
  found: Document,
): Promise<void> {
  const document = '_id' in found || !merge.on.includes('_id') ? found : { _id: new ObjectId(), ...found };
  const filter = filterOf(document, merge.on);
  let isMatched = false;
  await eachMatch(run, collection, { filter }, (stored) => {
    isMatched = true;
    if (merge.whenMatched === 'fail' || merge.whenMatched === 'keepExisting') return false;
    const update = updateOf(merge, stored.document, document);
    const variables = merge.variablesOf(document) as Document;
    updateOne(run, collection, stored, { update, filter, variables });
    return false;
  });
  if (isMatched && merge.whenMatched !== 'fail') return;
  if (!isMatched && merge.whenNotMatched === 'discard') return;
  if (!isMatched && merge.whenNotMatched === 'fail')
    throw new MongoError(
      'MergeStageNoMatchingDocument',
      '$merge could not find a matching document in the target collection for at least one document',
    );
  const inserted = '_id' in document ? document : { _id: new ObjectId(), ...document };
  // Where it must not match, this is what says so, as MongoDB does: DuplicateKey.
  insertOne(run, collection, encode(inserted), inserted);
}

/** `$merge`: document by document, each chunk committed; what was written before a failure stays, as in MongoDB. */
export async function mergeInto(
  run: CommandRun,
  rows: Rows,
  specification: unknown,
  variables: Variables,
): Promise<void> {
  const merge = toMerge(run, specification, variables);
  const collection = () => run.engine.ensureCollection(run.unit, merge.namespace);
  requireUnique(collection(), merge.on);
  try {
    for await (const chunk of rows) {
      for (const document of chunk) await mergeOne(run, collection(), merge, document);
      await run.pause();
    }
  } finally {
    await run.commit();
  }
}
