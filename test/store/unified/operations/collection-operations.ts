import type mongoose from 'mongoose';
import { Mismatch } from '../match.ts';
import type { Document } from '../test-file.ts';

type Collection = mongoose.mongo.Collection;
/** Calls the driver; the answer is what `expectResult` is compared with. */
type CollectionOperation = (collection: Collection, args: Document) => Promise<unknown>;

/** Fields of an update's result; the format leaves `upsertedId` out where nothing was upserted. */
function toUpdateResult(result: Document): Document {
  const { upsertedId, ...rest } = result;
  return upsertedId === null || upsertedId === undefined ? rest : { ...rest, upsertedId };
}

function toBulkResult(result: mongoose.mongo.BulkWriteResult): Document {
  const { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount, upsertedIds, insertedIds } = result;
  const counts = { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount };
  return { ...counts, upsertedIds, insertedIds };
}

function withReturn({ returnDocument, ...options }: Document): Document {
  if (returnDocument === undefined) return options;
  return { ...options, returnDocument: String(returnDocument).toLowerCase() };
}

const list = (value: unknown) => value as Document[];

/** Operations on a collection by name. */
export const COLLECTION_OPERATIONS: Readonly<Record<string, CollectionOperation>> = {
  find: (it, { filter, ...options }) => it.find(filter as Document, options).toArray(),
  findOne: (it, { filter, ...options }) => it.findOne(filter as Document, options),
  aggregate: (it, { pipeline, ...options }) => it.aggregate(list(pipeline), options).toArray(),
  countDocuments: (it, { filter, ...options }) => it.countDocuments(filter as Document, options),
  estimatedDocumentCount: (it, options) => it.estimatedDocumentCount(options),
  count: (it, { filter, ...options }) => it.count(filter as Document, options),
  distinct: (it, { fieldName, filter, ...options }) => it.distinct(fieldName as string, filter as Document, options),
  insertOne: (it, { document, ...options }) => it.insertOne(document as Document, options),
  insertMany: (it, { documents, ...options }) => it.insertMany(list(documents), options),
  updateOne: async (it, { filter, update, ...options }) =>
    toUpdateResult((await it.updateOne(filter as Document, update as Document, options)) as never),
  updateMany: async (it, { filter, update, ...options }) =>
    toUpdateResult((await it.updateMany(filter as Document, update as Document, options)) as never),
  replaceOne: async (it, { filter, replacement, ...options }) =>
    toUpdateResult((await it.replaceOne(filter as Document, replacement as Document, options)) as never),
  deleteOne: (it, { filter, ...options }) => it.deleteOne(filter as Document, options),
  deleteMany: (it, { filter, ...options }) => it.deleteMany(filter as Document, options),
  findOneAndDelete: (it, { filter, ...options }) => it.findOneAndDelete(filter as Document, options),
  findOneAndReplace: (it, { filter, replacement, ...options }) =>
    it.findOneAndReplace(filter as Document, replacement as Document, withReturn(options)),
  findOneAndUpdate: (it, { filter, update, ...options }) =>
    it.findOneAndUpdate(filter as Document, update as Document, withReturn(options)),
  bulkWrite: async (it, { requests, ...options }) => toBulkResult(await it.bulkWrite(requests as never, options)),
  createIndex: (it, { keys, ...options }) => it.createIndex(keys as never, options),
  dropIndex: (it, { name, ...options }) => it.dropIndex(name as string, options),
  listIndexes: (it, options) => it.listIndexes(options).toArray(),
  rename: async (it, { to, ...options }) => {
    await it.rename(to as string, options);
  },
};

/** Runs an operation on a collection; throws Mismatch on a name the runner does not know. */
export function runOnCollection(collection: Collection, name: string, args: Document): Promise<unknown> {
  const operation = COLLECTION_OPERATIONS[name];
  if (!operation) throw new Mismatch(`The runner does not know the operation ${name} of a collection`);
  return operation(collection, args);
}
