import type mongoose from 'mongoose';
import { Mismatch } from '../match.ts';
import type { Document } from '../test-file.ts';

type Stream = mongoose.mongo.ChangeStream;
type Watchable = mongoose.mongo.Collection | mongoose.mongo.Db | mongoose.mongo.MongoClient;

/** Opens a change stream at once; the driver would wait for the first read. */
export async function createChangeStream(watched: Watchable, { pipeline, ...options }: Document): Promise<Stream> {
  const stream = watched.watch(pipeline as Document[], options) as unknown as Stream;
  const { cursor } = stream as unknown as { cursor: { cursorInit(): Promise<void> } };
  try {
    await cursor.cursorInit();
  } catch (error) {
    await stream.close();
    throw error;
  }
  return stream;
}

/** Runs an operation on a change stream; throws Mismatch on a name the runner does not know. */
export async function runOnStream(stream: Stream, name: string): Promise<unknown> {
  if (name === 'iterateUntilDocumentOrError') return stream.next();
  if (name === 'close') return stream.close();
  throw new Mismatch(`The runner does not know the operation ${name} of a change stream`);
}
