import { describe, expect, it } from 'vitest';
import type { BusRecord, OutgoingRecord } from '../../events/bus.ts';
import { createDelivery } from '../../events/delivery.ts';
import { AppError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';

const record: BusRecord = {
  topic: 't.a',
  partition: 0,
  offset: 7,
  timestamp: 0,
  key: 'k',
  value: Buffer.from('v'),
  headers: {},
};
const quick = { firstMs: 1, maxMs: 1 };

describe('delivery', () => {
  it('does not settle a record whose handler was interrupted', async () => {
    const stop = new AbortController();
    const deliver = createDelivery({
      group: 'g',
      append: () => Promise.reject(new Error('nothing is to be dead-lettered')),
      logger: silentLogger,
      handler: async () => {
        stop.abort();
        throw new Error('interrupted');
      },
    });
    expect(await deliver(record, stop.signal)).toBe(false);
  });

  it('does not even begin once stopped', async () => {
    const deliver = createDelivery({
      group: 'g',
      append: () => Promise.resolve(),
      logger: silentLogger,
      handler: () => Promise.reject(new Error('not to be called')),
    });
    expect(await deliver(record, AbortSignal.abort())).toBe(false);
  });

  it('keeps trying to write a dead letter until it is written', async () => {
    const letters: [string, OutgoingRecord][] = [];
    let failures = 3;
    const deliver = createDelivery({
      group: 'g',
      maxAttempts: 1,
      logger: silentLogger,
      backoff: quick,
      append: async (topic, letter) => {
        failures -= 1;
        if (failures >= 0) throw new Error('disk full');
        letters.push([topic, letter]);
      },
      handler: () => Promise.reject('a text is thrown, too'),
    });
    expect(await deliver(record, new AbortController().signal)).toBe(true);
    expect(letters).toMatchObject([['t.a.dlq', { key: 'k', headers: { dlq_message: 'a text is thrown, too' } }]]);
  });

  it('leaves the record unsettled when it is stopped before the dead letter is written', async () => {
    const stop = new AbortController();
    const deliver = createDelivery({
      group: 'g',
      maxAttempts: 1,
      logger: silentLogger,
      backoff: quick,
      append: async () => {
        stop.abort();
        throw new Error('disk full');
      },
      handler: () => Promise.reject(new Error('poison')),
    });
    expect(await deliver(record, stop.signal)).toBe(false);
  });

  it('counts unexpected failures apart from those that will pass', async () => {
    const outage = () => new AppError('VENDOR_UNAVAILABLE', 'later');
    const failures = [outage(), outage(), outage(), new Error('once'), outage()];
    const deliver = createDelivery({
      group: 'g',
      maxAttempts: 2,
      logger: silentLogger,
      backoff: quick,
      append: () => Promise.reject(new Error('nothing is to be dead-lettered')),
      handler: async () => {
        const failure = failures.shift();
        if (failure) throw failure;
      },
    });
    expect(await deliver(record, new AbortController().signal)).toBe(true);
  });

  it('shortens a message that would not fit', async () => {
    const letters: OutgoingRecord[] = [];
    const deliver = createDelivery({
      group: 'g',
      maxAttempts: 1,
      logger: silentLogger,
      append: async (_, letter) => void letters.push(letter),
      handler: () => Promise.reject(new Error('x'.repeat(100_000))),
    });
    await deliver(record, new AbortController().signal);
    expect(letters[0]?.headers['dlq_message']).toHaveLength(1_000);
  });
});
