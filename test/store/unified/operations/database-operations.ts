import type mongoose from 'mongoose';
import { Mismatch } from '../match.ts';
import type { Document } from '../test-file.ts';

type Db = mongoose.mongo.Db;

/** Operations on a database by name. */
const DATABASE_OPERATIONS: Readonly<Record<string, (db: Db, args: Document) => Promise<unknown>>> = {
  runCommand: (db, { command, commandName: _, ...options }) => db.command(command as Document, options as never),
  aggregate: (db, { pipeline, ...options }) => db.aggregate(pipeline as Document[], options).toArray(),
  createCollection: async (db, { collection, ...options }) => {
    await db.createCollection(collection as string, options);
  },
  dropCollection: (db, { collection, ...options }) => db.dropCollection(collection as string, options),
  listCollections: (db, { filter, ...options }) => db.listCollections(filter as Document, options).toArray(),
  modifyCollection: (db, { collection, ...options }) => db.command({ collMod: collection, ...options }),
};

/** Runs an operation on a database; throws Mismatch on a name the runner does not know. */
export function runOnDatabase(db: Db, name: string, args: Document): Promise<unknown> {
  const operation = DATABASE_OPERATIONS[name];
  if (!operation) throw new Mismatch(`The runner does not know the operation ${name} of a database`);
  return operation(db, args);
}

/** `{ insertOne: { namespace… } }` as the driver takes it: `{ name: 'insertOne', namespace… }`. */
function toModel(model: Document): Document {
  const [name, fields] = Object.entries(model)[0] as [string, Document];
  return { name, ...fields };
}

/** Runs an operation on a client; throws Mismatch on a name the runner does not know. */
export async function runOnClient(client: mongoose.mongo.MongoClient, name: string, args: Document): Promise<unknown> {
  if (name === 'clientBulkWrite') {
    const { models, ...options } = args;
    return client.bulkWrite((models as Document[]).map(toModel) as never, options);
  }
  if (name === 'listDatabases') return (await client.db('admin').admin().listDatabases(args)).databases;
  throw new Mismatch(`The runner does not know the operation ${name} of a client`);
}
