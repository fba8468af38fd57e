import { join } from 'node:path';
import mongoose, { type Connection } from 'mongoose';
import { AppError } from '../lib/errors.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import { untrustedReason } from '../lib/untrusted-certificate.ts';
import { startEmbedded } from './embedded/start-embedded.ts';
import { createInbox } from './inbox.ts';
import { continueOutbox, createOutbox } from './outbox.ts';
import { createSchedule } from './schedule.ts';
import type { Store } from './store.ts';

/** Which database, and how to reach it. */
export interface OpenStoreOptions {
  /** A real MongoDB. Without it the embedded server is started over `<dataDir>/store`. */
  readonly uri?: string | undefined;
  readonly dataDir: string;
  /** @default 'tributary' */
  readonly database?: string;
  /** Connections held at most. @default 50 */
  readonly maxPoolSize?: number;
  /** Milliseconds to wait for the server. @default 10000 */
  readonly connectTimeoutMs?: number;
  readonly logger?: Logger;
}

async function connect(
  uri: string,
  { database = 'tributary', maxPoolSize = 50, connectTimeoutMs = 10_000 }: OpenStoreOptions,
): Promise<Connection> {
  const options = { dbName: database, maxPoolSize, serverSelectionTimeoutMS: connectTimeoutMs };
  const connection = await mongoose.createConnection(uri, options).asPromise();
  await continueOutbox(connection);
  return connection;
}

function toStore(connection: Connection, alone: boolean, release: () => Promise<void>): Store {
  return {
    connection,
    outbox: createOutbox(connection),
    inbox: createInbox(connection),
    schedule: createSchedule(connection),
    alone,
    transaction: async (run) => {
      const session = await connection.startSession();
      try {
        return await session.withTransaction(() => run(session));
      } finally {
        await session.endSession();
      }
    },
    close: async () => {
      await connection.close();
      await release();
    },
  };
}

/**
 * Opens the database of every subgraph: MongoDB when `uri` is given, else the embedded store in the data folder.
 * AppError DATA_CORRUPT when its file cannot be trusted, CONFIG_INVALID when the MongoDB does not answer or its certificate is
 * not trusted.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { uri, dataDir, logger = silentLogger } = options;
  if (uri !== undefined) return toStore(await connectOutside(uri, options), false, () => Promise.resolve());
  const embedded = await startEmbedded({ folder: join(dataDir, 'store'), logger });
  try {
    return toStore(await connect(embedded.uri, options), true, embedded.close);
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

async function connectOutside(uri: string, options: OpenStoreOptions): Promise<Connection> {
  try {
    return await connect(uri, options);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The MongoDB of MONGODB_URI ${failureOf(cause)}.`, {
      cause,
      extensions: { variable: 'MONGODB_URI' },
    });
  }
}

function failureOf(error: unknown): string {
  const reason = untrustedReason(error);
  return reason === null ? 'does not answer' : `cannot be trusted: its certificate ${reason}`;
}
