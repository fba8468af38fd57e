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
  const { onInsert, signal, logger } = options;
  for (let failures = 0; !signal.aborted; ) {
    const stream = collection.watch([{ $match: { operationType: 'insert' } }, { $project: { _id: 1 } }]);
    const close = () => void stream.close().catch(() => undefined);
    signal.addEventListener('abort', close, { once: true });
    try {
      for await (const _ of stream) {
        failures = 0;
        onInsert();
      }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      logger.warn({ err: error, failures }, 'the change stream of the outbox broke; polling meanwhile');
    } finally {
      signal.removeEventListener('abort', close);
      await stream.close().catch(() => undefined);
    }
    await pause(backoffMs(failures + 1), signal);
  }
}
