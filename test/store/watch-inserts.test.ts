import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../lib/logger.ts';
import type { Store } from '../../store/store.ts';
import { watchInserts } from '../../store/watch-inserts.ts';
import { openTestStore } from '../support/test-store.ts';
import { until } from '../support/until.ts';

describe('watching inserts', () => {
  let store: Store;

  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  it('opens the change stream anew when it breaks, and ends at once when told to', async () => {
    const collection = store.connection.collection('watched');
    const stop = new AbortController();
    let inserts = 0;
    let streams = 0;
    let broken = false;
    // The driver's own collection, whose first stream the test closes under the watcher: a broken connection, seen from it.
    const watched: typeof collection = Object.assign(Object.create(collection), {
      watch: (...args: Parameters<typeof collection.watch>) => {
        const stream = collection.watch(...args);
        streams += 1;
        if (streams === 1) setTimeout(() => void stream.close().then(() => (broken = true)), 100);
        return stream;
      },
    });
    const watching = watchInserts(watched, {
      onInsert: () => (inserts += 1),
      signal: stop.signal,
      logger: silentLogger,
    });
    await until('the second stream is open', () => broken && streams >= 2);
    await until('an insert is told of', async () => {
      await collection.insertOne({});
      return inserts > 0;
    });
    const before = Date.now();
    stop.abort();
    await watching;
    expect(Date.now() - before).toBeLessThan(500);
  });
});
