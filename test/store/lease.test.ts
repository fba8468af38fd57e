import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { Lease } from '../../store/lease.ts';
import type { Store } from '../../store/store.ts';
import { openTestStore } from '../support/test-store.ts';

const LEASE_MS = 3_000;

describe('a lease', () => {
  let store: Store;
  let steady: ReturnType<typeof createFrozenClock>;
  const open = (alone = false, clock = steady) =>
    new Lease({
      connection: store.connection,
      name: 'relay',
      leaseMs: LEASE_MS,
      steady: clock,
      alone,
      logger: silentLogger,
    });
  const rows = () => store.connection.collection<{ _id: string; beat: number }>('leases');

  beforeAll(async () => {
    store = await openTestStore();
  });
  beforeEach(async () => {
    await rows().deleteMany({});
    steady = createFrozenClock(0);
  });
  afterAll(() => store.close());

  it('is had by the first who asks, and by exactly one of many', async () => {
    const all = Array.from({ length: 8 }, () => open());
    const held = await Promise.all(all.map((lease) => lease.hold()));
    expect(held.filter(Boolean)).toHaveLength(1);
  });

  it('stays with a holder who renews it, however long', async () => {
    const [one, other] = [open(), open()];
    await one.hold();
    for (let third = 0; third < 12; third += 1) {
      expect([await one.hold(), await other.hold()]).toEqual([true, false]);
      steady.advance(LEASE_MS / 3);
    }
    expect(one.fence).toBe(1);
  });

  it('writes nothing when it is asked again within a third of its time', async () => {
    const lease = open();
    for (let ask = 0; ask < 5; ask += 1) await lease.hold();
    steady.advance(LEASE_MS / 3 - 1);
    await lease.hold();
    expect((await rows().findOne({ _id: 'relay' }))?.beat).toBe(0);
  });

  it('goes over, with a higher fence, to who watched its whole time without a renewal', async () => {
    const [one, other] = [open(), open()];
    await one.hold();
    expect(await other.hold()).toBe(false);
    steady.advance(LEASE_MS - 1);
    expect(await other.hold()).toBe(false);
    steady.advance(1);
    expect([await other.hold(), other.fence]).toEqual([true, 2]);
    expect([await one.hold(), one.fence]).toEqual([false, null]);
  });

  it('is not taken by who has not watched: a long rest of both says nothing', async () => {
    const [one, other] = [open(), open()];
    await one.hold();
    await other.hold();
    other.rest();
    steady.advance(100 * LEASE_MS);
    expect(await other.hold()).toBe(false);
    expect([await one.hold(), one.fence]).toEqual([true, 1]);
  });

  it('is measured by each one’s own clock: a process whose clock runs elsewhere changes nothing', async () => {
    const elsewhere = createFrozenClock(1e12);
    const [one, other] = [open(), open(false, elsewhere)];
    await one.hold();
    expect(await other.hold()).toBe(false);
    steady.advance(LEASE_MS / 3);
    expect(await one.hold()).toBe(true);
    elsewhere.advance(LEASE_MS);
    expect(await other.hold()).toBe(false);
    elsewhere.advance(LEASE_MS);
    expect([await other.hold(), await one.hold()]).toEqual([true, true]);
    steady.advance(LEASE_MS / 3);
    expect(await one.hold()).toBe(false);
  });

  it('is free at once when it is given back', async () => {
    const [one, other] = [open(), open()];
    await one.hold();
    await one.release();
    expect([await other.hold(), await one.hold()]).toEqual([true, false]);
    await one.release();
    expect(await other.hold()).toBe(true);
  });

  it('is renewed beside long work', async () => {
    const clock = { now: () => performance.now() };
    const quick = (): Lease =>
      new Lease({
        connection: store.connection,
        name: 'relay',
        leaseMs: 300,
        steady: clock,
        alone: false,
        logger: silentLogger,
      });
    const [one, other] = [quick(), quick()];
    await one.hold();
    const refused = await one.during(async () => {
      const asked: boolean[] = [];
      for (let ask = 0; ask < 10; ask += 1) {
        asked.push(await other.hold());
        await new Promise((resolve) => setTimeout(resolve, 75));
      }
      return asked;
    });
    expect([refused.includes(true), await one.hold()]).toEqual([false, true]);
  });

  it('of another process is nobody’s, when no other process can be', async () => {
    const dead = { _id: 'relay', holder: 'host/1/01J/01J', fence: 7, beat: 3 };
    await rows().insertOne(dead as never);
    expect(await open(false).hold()).toBe(false);
    const lease = open(true);
    expect([await lease.hold(), lease.fence]).toEqual([true, 8]);
    expect(await open(true).hold()).toBe(false);
  });
});
