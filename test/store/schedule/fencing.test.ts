import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '../../../lib/errors.ts';
import { scheduleRows } from '../../../store/schedule/row.ts';
import { type ScheduledCall, startScheduleWorker } from '../../../store/schedule.ts';
import { until } from '../../support/until.ts';
import { openSchedule } from './open-schedule.ts';

const DAY = 86_400_000;
const name = { kind: 'step', tenant: 'acme', key: 's1' };

describe('workers of the schedule', () => {
  let stage: Awaited<ReturnType<typeof openSchedule>>;
  beforeAll(async () => {
    stage = await openSchedule();
  });
  afterEach(async () => {
    await stage.stopAll();
    await stage.clear();
  });
  afterAll(() => stage.close());

  const rows = () => scheduleRows(stage.store.connection);
  const dueNow = () => new Date(stage.clock.now());
  /** A handler that stays until its signal aborts, and says why. */
  const createStayer = () => {
    const calls: ScheduledCall[] = [];
    const reasons: string[] = [];
    const handler = async (call: ScheduledCall) => {
      calls.push(call);
      await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()));
      reasons.push((call.signal.reason as AppError).code);
    };
    return { calls, reasons, handler };
  };

  it('share what is due: each entry is run by one of them, once', async () => {
    const runs: string[] = [];
    const shares = [0, 0, 0];
    const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => stage.schedule.set(null, { ...name, key, dueAt: dueNow() })));
    for (const index of shares.keys())
      await stage.start({
        step: {
          concurrency: 3,
          handler: async ({ key }) => {
            runs.push(key);
            shares[index] = (shares[index] ?? 0) + 1;
            await wait(2);
          },
        },
      });
    await until('all is done', async () => (await rows().countDocuments()) === 0, 20_000);
    expect(runs.toSorted()).toEqual(keys.toSorted());
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  it('keep what they hold, whatever the time of day does', async () => {
    const { calls, reasons, handler } = createStayer();
    await stage.schedule.set(null, { ...name, dueAt: dueNow() });
    await stage.start({ step: { handler, leaseMs: 100 } });
    await stage.start({ step: { handler, leaseMs: 100 } });
    await until('it runs', () => calls.length === 1);
    for (const jump of [DAY, -2 * DAY, DAY]) {
      stage.clock.advance(jump);
      await wait(120);
    }
    expect([calls.length, reasons]).toEqual([1, []]);
  });

  it('lose what they hold when another took it over, and cannot settle it any more', async () => {
    const effects = stage.store.connection.collection<{ _id: string }>('effects');
    const { calls, reasons, handler } = createStayer();
    let refused: unknown;
    await stage.schedule.set(null, { ...name, dueAt: dueNow() });
    const first = await stage.start({
      step: {
        leaseMs: 90,
        handler: async (call) => {
          await handler(call);
          await stage.store
            .transaction(async (session) => {
              await effects.insertOne({ _id: 'late' }, { session });
              await call.settle(session);
            })
            .catch((error) => {
              refused = error;
            });
        },
      },
    });
    await until('it runs', () => calls.length === 1);
    // What a worker does that saw no renewal for the time of a lease: this one stood still meanwhile.
    await rows().updateOne(
      { _id: { $exists: true } },
      { $set: { state: 'waiting', holder: null }, $inc: { fence: 1 } },
    );
    await until('it was told', () => refused !== undefined);
    expect(reasons).toEqual(['LEASE_LOST']);
    expect(refused).toMatchObject({ code: 'LEASE_LOST' });
    expect(await effects.countDocuments()).toBe(0);
    await until('it runs again', () => calls.length === 2);
    expect(calls[1]).toMatchObject({ attempt: 2, arming: calls[0]?.arming });
    expect(calls[1]?.fence).toBe((calls[0]?.fence ?? 0) + 2);
    await first.close(0);
  });

  it('take over what nobody renewed for the time of a lease by their own clock, not before', async () => {
    await stage.schedule.set(null, { ...name, dueAt: dueNow() });
    await rows().updateOne({}, { $set: { state: 'running', holder: 'host/1/x/y', claimed: 'c' }, $inc: { fence: 1 } });
    await rows().updateOne({}, [{ $set: { claimed: '$arming' } }]);
    const { calls, handler } = createStayer();
    await stage.start({ step: { handler, leaseMs: 1_000 } });
    await wait(100);
    for (let quarter = 0; quarter < 3; quarter += 1) {
      stage.pass(250);
      await wait(60);
    }
    expect(calls).toEqual([]);
    stage.pass(250);
    await until('it is taken over', () => calls.length === 1);
    expect((await rows().findOne())?.lapses).toBe(1);
  });

  it('do not wait for the dead where nobody else can be alive', async () => {
    await stage.schedule.set(null, { ...name, dueAt: dueNow() });
    await rows().updateOne({}, { $set: { state: 'running', holder: 'host/1/x/y' }, $inc: { fence: 1 } });
    const { calls, handler } = createStayer();
    const { clock, steady } = stage;
    const { connection } = stage.store;
    const worker = await startScheduleWorker({ connection, kinds: { step: { handler } }, clock, steady, alone: true });
    await until('it is taken over', () => calls.length === 1);
    await worker.close(0);
  });

  it('give up an entry that made its workers vanish again and again', async () => {
    await stage.schedule.set(null, { ...name, dueAt: dueNow() });
    await rows().updateOne({}, [
      { $set: { state: 'running', holder: 'host/1/x/y', claimed: '$arming', lapses: 2, fence: 7 } },
    ]);
    const { calls, handler } = createStayer();
    await stage.start({ step: { handler, leaseMs: 1_000, maxLapses: 3 } });
    await until('it is given up', async () => {
      stage.pass(300);
      return (await stage.schedule.find(name))?.state === 'failed';
    });
    expect(await stage.schedule.find(name)).toMatchObject({ reason: { code: 'LEASE_LOST' }, holder: null });
    expect(calls).toEqual([]);
    await stage.schedule.redrive(null, name);
    await until('it runs after all', () => calls.length === 1);
  });

  it('go on at the right time when the clock is set back: recurrences and retries, not what a caller dated', async () => {
    const start = stage.clock.now();
    const runs: Record<string, number> = {};
    const handler = async ({ key }: ScheduledCall) => {
      runs[key] = (runs[key] ?? 0) + 1;
      if (key === 'retried' && runs[key] === 1) throw new Error('once');
    };
    // The clock is wrong: a day ahead.
    stage.clock.advance(DAY);
    const tomorrow = new Date(start + DAY);
    for (const key of ['each-minute', 'retried'])
      await stage.schedule.set(null, {
        ...name,
        key,
        dueAt: tomorrow,
        ...(key === 'retried' ? {} : { every: 60_000 }),
      });
    await stage.schedule.set(null, { ...name, key: 'dated', dueAt: new Date(start + DAY + 500) });
    await stage.start({ step: { handler } });
    await until('both ran', () => runs['each-minute'] === 1 && runs['retried'] === 1);
    await until('they wait', async () => (await rows().countDocuments({ state: 'waiting' })) === 3);
    // Now it is put right.
    stage.clock.advance(-DAY);
    stage.steady.advance(10);
    await until('the retry ran', () => runs['retried'] === 2);
    stage.pass(60_000);
    await until('the recurrence ran', () => (runs['each-minute'] ?? 0) >= 2);
    expect([runs['dated'], (await stage.schedule.find({ ...name, key: 'dated' }))?.state]).toEqual([
      undefined,
      'waiting',
    ]);
    stage.pass(DAY);
    await until('what was dated ran', () => runs['dated'] === 1);
  });
});
