import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Lifetime } from '../../../gateway/transport/lifetime.ts';

describe('a lifetime', () => {
  it('leaves neither listener nor timer behind, in 100,000 calls of one client', () => {
    const { signal } = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    let most = 0;
    for (let index = 0; index < 100_000; index += 1) {
      const lifetime = new Lifetime({ subgraph: 'crm', timeoutMs: 10_000, signal });
      if (index % 10_000 === 0) most = Math.max(most, getEventListeners(signal, 'abort').length);
      lifetime.close();
    }
    expect([most, getEventListeners(signal, 'abort').length, timers() - before]).toEqual([1, 0, 0]);
  });

  it('ends once, for the first reason', () => {
    const client = new AbortController();
    const lifetime = new Lifetime({ subgraph: 'crm', timeoutMs: 10_000, signal: client.signal });
    const told: unknown[] = [];
    lifetime.watch((error) => told.push(error));
    client.abort();
    lifetime.end(new Error('later') as never);
    expect(told).toMatchObject([{ code: 'SUBGRAPH_UNAVAILABLE', fault: 'left' }]);
    expect(lifetime.error).toBe(told[0]);
    lifetime.close();
  });

  it('is over at once for a client that has left', () => {
    const lifetime = new Lifetime({ subgraph: 'crm', timeoutMs: 10_000, signal: AbortSignal.abort() });
    expect(lifetime.error).toMatchObject({ fault: 'left' });
    lifetime.close();
  });

  it('tells nobody who waits no longer', async () => {
    const lifetime = new Lifetime({ subgraph: 'crm', timeoutMs: 5 });
    let told = 0;
    lifetime.watch(() => {
      told += 1;
    });
    lifetime.watch(null);
    await expect.poll(() => lifetime.error).toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    expect([told, lifetime.leftMs]).toEqual([0, 0]);
    lifetime.close();
  });
});
