import mongoose from 'mongoose';
import { Mismatch } from './match.ts';
import { ObservedClient } from './observed-client.ts';
import type { Document } from './test-file.ts';

type Create = (entities: Entities, definition: Document) => unknown;

/** Options of a database or collection, as the driver takes them. */
function toDriverOptions(options: unknown): Document {
  const { readPreference, ...rest } = (options ?? {}) as Document;
  return readPreference === undefined ? rest : { ...rest, readPreference: toReadPreference(readPreference) };
}

/** The driver's read preference from the format's document. */
export function toReadPreference(value: unknown): unknown {
  const { mode, tagSets, maxStalenessSeconds, hedge } = value as Document;
  const { ReadPreference } = mongoose.mongo;
  return ReadPreference.fromOptions({
    readPreference: { mode, maxStalenessSeconds, hedge } as never,
    readPreferenceTags: tagSets as never,
  });
}

const KINDS: Readonly<Record<string, Create>> = {
  client: (entities, definition) => new ObservedClient(entities.uri, definition),
  database: (entities, { client, databaseName, databaseOptions, ...rest }) => {
    refuseRest('database', rest);
    return entities.client(client).client.db(databaseName as string, toDriverOptions(databaseOptions));
  },
  collection: (entities, { database, collectionName, collectionOptions, ...rest }) => {
    refuseRest('collection', rest);
    const db = entities.get(database as string) as mongoose.mongo.Db;
    return db.collection(collectionName as string, toDriverOptions(collectionOptions));
  },
  session: (entities, { client, sessionOptions, ...rest }) => {
    refuseRest('session', rest);
    const { defaultTransactionOptions, ...options } = (sessionOptions ?? {}) as Document;
    const session = entities.client(client).client.startSession({
      ...options,
      ...(defaultTransactionOptions
        ? { defaultTransactionOptions: toTransactionOptions(defaultTransactionOptions as Document) }
        : {}),
    } as never);
    return session;
  },
};

function refuseRest(kind: string, { id: _id, ...rest }: Document): void {
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw new Mismatch(`The runner does not know the option ${unknown} of a ${kind}`);
}

/** Options of a transaction as the driver takes them. */
export function toTransactionOptions(options: Document): Document {
  return toDriverOptions(options);
}

/** The clients, databases, collections, sessions and saved results of one case. */
export class Entities {
  readonly uri: string;
  readonly #entities = new Map<string, unknown>();
  readonly #sessionIds = new Map<string, unknown>();

  constructor(uri: string) {
    this.uri = uri;
  }

  /** Throws Mismatch. */
  get(id: string): unknown {
    if (!this.#entities.has(id)) throw new Mismatch(`There is no entity ${id}`);
    return this.#entities.get(id);
  }

  set(id: string, entity: unknown): void {
    this.#entities.set(id, entity);
    if (entity instanceof mongoose.mongo.ClientSession) this.#sessionIds.set(id, entity.id);
  }

  client(id: unknown): ObservedClient {
    return this.get(String(id)) as ObservedClient;
  }

  /** A session's lsid, known even after the session ended. */
  sessionId(id: string): unknown {
    return this.#sessionIds.get(id);
  }

  /** Makes entities from their definitions; throws Mismatch on a kind the runner does not know. */
  async create(definitions: readonly Document[]): Promise<void> {
    for (const definition of definitions) {
      const kind = Object.keys(definition)[0] as string;
      const make = KINDS[kind];
      if (!make) throw new Mismatch(`The runner does not know the entity ${kind}`);
      const entity = make(this, definition[kind] as Document);
      if (entity instanceof ObservedClient) await entity.client.connect();
      this.set((definition[kind] as Document)['id'] as string, entity);
    }
  }

  async close(): Promise<void> {
    const entities = [...this.#entities.values()];
    for (const entity of entities) if (entity instanceof mongoose.mongo.ChangeStream) await entity.close();
    for (const entity of entities) if (entity instanceof mongoose.mongo.ClientSession) await entity.endSession();
    for (const entity of entities) if (entity instanceof ObservedClient) await entity.client.close();
  }
}
