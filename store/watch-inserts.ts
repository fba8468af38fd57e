import type { mongo } from 'mongoose';
import { backoffMs, pause } from '../events/backoff.ts';
import type { Logger } from '../lib/logger.ts';

const INSERTS = [{ $match: { operationType: 'insert' } }, { $project: { _id: 1 } }];

/** What a watcher is told, and until when. */
export interface WatchOptions {
  readonly onChange: (change: unknown) => void;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Calls back on every insert into a collection (see `watchChanges`). */
export function watchInserts<Row extends mongo.Document>(
  collection: mongo.Collection<Row>,
  { onInsert, signal, logger }: { onInsert: () => void; signal: AbortSignal; logger: Logger },
): Promise<void> {
  return watchChanges(collection, INSERTS, { onChange: () => onInsert(), signal, logger });
}

/**
 * Calls back on every change of a collection that the pipeline lets through, until the signal aborts; opens the change
 * stream anew when it breaks. Misses what happens while it is broken: the caller polls beside it. Never rejects.
 */
export async function watchChanges<Row extends mongo.Document>(
  collection: mongo.Collection<Row>,
  pipeline: mongo.Document[],
  options: WatchOptions,
): Promise<void> {
  const { signal, logger } = options;
  for (let failures = 0; !signal.aborted; ) {
    const broken = await watchOnce(collection, pipeline, {
      ...options,
      onChange: (change) => {
        failures = 0;
        options.onChange(change);
      },
    });
    if (signal.aborted) return;
    failures += 1;
    const facts = { err: broken, failures, collection: collection.collectionName };
    logger.warn(facts, 'a change stream broke; polling meanwhile');
    await pause(backoffMs(failures), signal);
  }
}

/** Watches until the stream breaks or the signal aborts; answers why it broke. */
async function watchOnce<Row extends mongo.Document>(
  collection: mongo.Collection<Row>,
  pipeline: mongo.Document[],
  { onChange, signal }: WatchOptions,
): Promise<unknown> {
  const stream = collection.watch(pipeline);
  // Events, not iteration: an iterator's end waits for the request under way, which the server may hold for a second.
  let stop = () => {};
  const broken = await new Promise<unknown>((resolve) => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
    stream.on('change', onChange);
    stream.on('error', resolve);
    stream.on('close', () => resolve(new Error('closed by the server')));
  });
  signal.removeEventListener('abort', stop);
  await stream.close().catch(() => undefined);
  return broken;
}
