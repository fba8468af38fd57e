import type { mongo } from 'mongoose';
import { backoffMs, pause } from '../events/backoff.ts';
import type { Logger } from '../lib/logger.ts';

/**
 * Calls back on every insert into a collection, until the signal aborts; opens the change stream anew when it breaks.
 * Misses what is inserted while it is broken: the caller polls beside it. Never rejects.
 */
export async function watchInserts<Row extends mongo.Document>(
  collection: mongo.Collection<Row>,
  options: { onInsert: () => void; signal: AbortSignal; logger: Logger },
): Promise<void> {
  const { signal, logger } = options;
  for (let failures = 0; !signal.aborted; ) {
    const broken = await watchOnce(collection, {
      ...options,
      onInsert: () => {
        failures = 0;
        options.onInsert();
      },
    });
    if (signal.aborted) return;
    failures += 1;
    logger.warn({ err: broken, failures }, 'the change stream of the outbox broke; polling meanwhile');
    await pause(backoffMs(failures), signal);
  }
}

/** Watches until the stream breaks or the signal aborts; answers why it broke. */
async function watchOnce<Row extends mongo.Document>(
  collection: mongo.Collection<Row>,
  { onInsert, signal }: { onInsert: () => void; signal: AbortSignal },
): Promise<unknown> {
  const stream = collection.watch([{ $match: { operationType: 'insert' } }, { $project: { _id: 1 } }]);
  // Events, not iteration: an iterator's end waits for the request under way, which the server may hold for a second.
  let stop = () => {};
  const broken = await new Promise<unknown>((resolve) => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
    stream.on('change', onInsert);
    stream.on('error', resolve);
    stream.on('close', () => resolve(new Error('closed by the server')));
  });
  signal.removeEventListener('abort', stop);
  await stream.close().catch(() => undefined);
  return broken;
}
