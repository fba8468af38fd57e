import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFrozenClock } from '../../../lib/clock.ts';
import { createLapseWatch, type LapseWatch } from '../../../store/lapse-watch.ts';
import { arm, cancel } from '../../../store/schedule/arm.ts';
import { type Claim, claimEntry, findWaiting, freeLapsed, renewClaim } from '../../../store/schedule/claim.ts';
import { ensureScheduleIndex, scheduleRows } from '../../../store/schedule/row.ts';
import { settle } from '../../../store/schedule/settle.ts';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

const LEASE_MS = 1_000;
const KIND = 'step';

type Step =
  | { readonly do: 'set'; readonly key: number; readonly inMs: number }
  | { readonly do: 'cancel'; readonly key: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'claim' | 'renew' | 'look'; readonly worker: number }
  | { readonly do: 'done' | 'fail'; readonly claim: number };

const key = fc.nat({ max: 2 });
const worker = fc.nat({ max: 1 });
const claim = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, inMs: fc.nat({ max: 800 }) }),
  fc.record({ do: fc.constant('cancel' as const), key }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 1_200 }) }),
  fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -2_000, max: 2_000 }) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('claim' as const, 'look' as const), worker }) },
  fc.record({ do: fc.constant('renew' as const), worker }),
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('done' as const, 'fail' as const), claim }) },
);

/** A claim as the model knows it. Who never renews and never settles has crashed. */
interface Held {
  readonly claim: Claim;
  readonly worker: number;
  renewedAt: number;
  /** Whether the store still holds it. */
  live: boolean;
}

/** What must be so, beside the store that is asked. */
class Model {
  readonly clock = createFrozenClock(1e12);
  readonly steady = createFrozenClock(0);
  readonly watches: LapseWatch[] = [0, 1].map(() => createLapseWatch({ leaseMs: LEASE_MS, steady: this.steady }));
  /** Key → the arming that is to be done. */
  readonly armed = new Map<string, string>();
  readonly completed = new Map<string, number>();
  readonly fences = new Map<string, number>();
  held: Held[] = [];
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  get rows() {
    return scheduleRows(this.store.connection);
  }

  nameOf(key: number) {
    return { kind: KIND, tenant: 'acme', key: `k${key}` };
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'set': {
        const dueAt = new Date(this.clock.now() + step.inMs);
        const name = this.nameOf(step.key);
        this.armed.set(name.key, await arm(this.store.connection, this.clock, null, { ...name, dueAt }));
        return;
      }
      case 'cancel': {
        const name = this.nameOf(step.key);
        const outcome = await cancel(this.store.connection, null, name);
        const isRunning = this.held.some((held) => held.live && held.claim.row.key === name.key);
        expect(outcome).toBe(isRunning ? 'running' : this.armed.has(name.key) ? 'cancelled' : 'absent');
        this.armed.delete(name.key);
        return;
      }
      case 'pass':
        this.clock.advance(step.ms);
        this.steady.advance(step.ms);
        return;
      case 'jump':
        this.clock.advance(step.ms);
        return;
      case 'claim':
        return this.claim(step.worker);
      case 'renew':
        return this.renew(step.worker);
      case 'look':
        return this.look(step.worker);
      default:
        return this.settle(step.do, this.held[step.claim]);
    }
  }

  async claim(worker: number): Promise<void> {
    const [oldest] = await findWaiting(this.rows, KIND, 1);
    if (!oldest?.at || oldest.at.getTime() > this.clock.now()) return;
    const claim = await claimEntry({ rows: this.rows, holder: `w${worker}`, steady: this.steady }, oldest);
    expect(claim).not.toBeNull();
    if (!claim) return;
    const { key } = claim.row;
    expect(claim.arming).toBe(this.armed.get(key));
    expect(this.held.filter((held) => held.live && held.claim.row.key === key)).toEqual([]);
    expect(claim.fence).toBeGreaterThan(this.fences.get(key) ?? 0);
    this.fences.set(key, claim.fence);
    this.held.push({ claim, worker, renewedAt: this.steady.now(), live: true });
  }

  async renew(worker: number): Promise<void> {
    for (const held of this.held.filter((one) => one.worker === worker)) {
      const isArmed = this.armed.get(held.claim.row.key) !== undefined;
      const renewed = await renewClaim(this.rows, held.claim);
      expect(renewed).toBe(held.live ? (isArmed ? 'kept' : 'cancelled') : 'lost');
      held.renewedAt = this.steady.now();
    }
  }

  async look(worker: number): Promise<void> {
    const freed = await freeLapsed({
      rows: this.rows,
      kind: KIND,
      watch: this.watches[worker] as LapseWatch,
      clock: this.clock,
      isOwn: () => false,
      isOrphan: () => false,
      maxLapses: Number.POSITIVE_INFINITY,
    });
    for (const row of freed) {
      const held = this.held.find((one) => one.live && one.claim.row._id === row._id);
      expect(this.steady.now() - (held?.renewedAt ?? Number.NaN)).toBeGreaterThanOrEqual(LEASE_MS);
      if (held) held.live = false;
    }
  }

  async settle(how: 'done' | 'fail', held: Held | undefined): Promise<void> {
    if (!held) return;
    this.held = this.held.filter((one) => one !== held);
    const { arming, row } = held.claim;
    const reason = { code: 'INTERNAL', message: 'again', at: new Date(this.clock.now()) };
    const retry = { to: 'retry', at: new Date(this.clock.now() + 100), reason, firstFailedAt: reason.at } as const;
    const settled = settle(this.rows, held.claim, how === 'done' ? { to: 'gone' } : retry);
    if (!held.live) return expect(settled).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await settled;
    if (how === 'fail') return;
    this.completed.set(arming, (this.completed.get(arming) ?? 0) + 1);
    if (this.armed.get(row.key) === arming) this.armed.delete(row.key);
  }

  /** Goes on without crashes until nothing is left to do. */
  async finish(): Promise<void> {
    for (let round = 0; (await this.rows.countDocuments({ kind: KIND })) > 0; round += 1) {
      expect(round).toBeLessThan(40);
      while (this.held.length > 0) await this.settle('done', this.held[0]);
      await this.claim(round % 2);
      this.clock.advance(500);
      this.steady.advance(500);
      await this.look(round % 2);
    }
  }
}

let store: Store;
beforeAll(async () => {
  store = await openTestStore();
  await ensureScheduleIndex(store.connection);
});
afterAll(() => store.close());

it('does each arming that stands exactly once, and never one that was taken back, whatever crashes and jumps', async () => {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await scheduleRows(store.connection).deleteMany({});
      const model = new Model(store);
      for (const one of steps) await model.take(one);
      await model.finish();
      expect([...model.armed]).toEqual([]);
      expect([...model.completed.values()].filter((times) => times !== 1)).toEqual([]);
      done += model.completed.size;
    }),
    { numRuns: 20 },
  );
  expect(done).toBeGreaterThan(0);
}, 60_000);
