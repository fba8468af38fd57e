import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../lib/errors.ts';
import type { ScheduledCall } from '../../store/schedule.ts';
import { until } from '../support/until.ts';
import { createRecorder, NOW, openSchedule } from './schedule/open-schedule.ts';

const MINUTE = 60_000;
const name = { kind: 'reminder', tenant: 'acme', key: 'r1' };
const at = (ms: number) => new Date(NOW + ms);

describe('the schedule', () => {
  let stage: Awaited<ReturnType<typeof openSchedule>>;

  beforeAll(async () => {
    stage = await openSchedule();
  });
  afterEach(async () => {
    await stage.stopAll();
    await stage.clear();
  });
  afterAll(() => stage.close());

  const gone = (key = name.key) => until(`${key} is gone`, async () => !(await stage.schedule.find({ ...name, key })));
  const stateOf = async (key = name.key) => (await stage.schedule.find({ ...name, key }))?.state ?? 'gone';
  const stands = (state: string, key = name.key) =>
    until(`${key} is ${state}`, async () => (await stateOf(key)) === state);

  it('does what is due, with what was given, and keeps nothing of it', async () => {
    const { calls, handler } = createRecorder();
    const now = stage.clock.now();
    const arming = await stage.schedule.set(null, {
      ...name,
      dueAt: new Date(now - 5),
      payload: { $where: '$x', list: [1, { a: null }] },
    });
    await stage.start({ reminder: { handler } });
    await gone();
    expect(calls).toMatchObject([
      { ...name, arming, attempt: 1, lateByMs: 5, missed: 0, payload: { $where: '$x', list: [1, { a: null }] } },
    ]);
  });

  it('waits until it is due', async () => {
    const { calls, handler } = createRecorder();
    const now = stage.clock.now();
    await stage.start({ reminder: { handler } });
    await stage.schedule.set(null, { ...name, dueAt: new Date(now + MINUTE) });
    await wait(100);
    stage.pass(MINUTE - 1);
    await wait(100);
    expect(calls).toEqual([]);
    stage.pass(1);
    await gone();
    expect(calls).toMatchObject([{ lateByMs: 0, dueAt: new Date(now + MINUTE) }]);
  });

  it('is woken by a setting, long before it would look again', async () => {
    const { calls, handler } = createRecorder();
    await stage.start({ reminder: { handler } }, 60_000);
    await wait(200);
    await stage.schedule.set(null, { ...name, dueAt: at(0) });
    await until('it ran', () => calls.length === 1, 5_000);
    await stage.schedule.set(null, { ...name, key: 'r2', dueAt: at(0) });
    await until('the next one ran', () => calls.length === 2, 5_000);
  });

  it('sets with the transaction, or not at all', async () => {
    const attempt = stage.store.transaction(async (session) => {
      await stage.schedule.set(session, { ...name, dueAt: at(0) });
      throw new Error('the change failed');
    });
    await expect(attempt).rejects.toThrow('the change failed');
    expect(await stateOf()).toBe('gone');
    await stage.store.transaction((session) => stage.schedule.set(session, { ...name, dueAt: at(0) }));
    expect(await stateOf()).toBe('waiting');
    await stage.store.transaction((session) => stage.schedule.cancel(session, name));
    expect(await stateOf()).toBe('gone');
  });

  it('replaces what the key had', async () => {
    const { calls, handler } = createRecorder();
    await stage.schedule.set(null, { ...name, dueAt: at(0), payload: { a: 1, b: { c: 2 } } });
    const arming = await stage.schedule.set(null, { ...name, dueAt: at(0), payload: { b: {} } });
    await stage.start({ reminder: { handler } });
    await gone();
    expect(calls).toMatchObject([{ arming }]);
    expect(calls[0]?.payload).toEqual({ b: {} });
  });

  it('sets one of many at once', async () => {
    const settings = Array.from({ length: 10 }, (_, index) =>
      stage.store.transaction((session) => stage.schedule.set(session, { ...name, dueAt: at(0), payload: { index } })),
    );
    const armings = await Promise.all(settings);
    expect(armings).toContain((await stage.schedule.find(name))?.arming);
    expect(await stage.schedule.counts('reminder')).toMatchObject({ waiting: 1 });
  });

  it.each([
    ['an empty key', { key: '' }, 'key'],
    ['a key without end', { key: 'k'.repeat(701) }, 'key'],
    ['no date', { dueAt: new Date(Number.NaN) }, 'dueAt'],
    ['an interval of nothing', { every: 0 }, 'every'],
    ['a negative tolerance', { late: { skipAfterMs: -1 } }, 'late'],
  ])('refuses %s', async (_, wrong, field) => {
    const setting = stage.schedule.set(null, { ...name, dueAt: at(0), ...wrong });
    await expect(setting).rejects.toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field } });
  });

  it('does not run what was cancelled', async () => {
    const { calls, handler } = createRecorder();
    await stage.schedule.set(null, { ...name, dueAt: at(0) });
    expect(await stage.schedule.cancel(null, name)).toBe('cancelled');
    expect(await stage.schedule.cancel(null, name)).toBe('absent');
    await stage.start({ reminder: { handler } });
    await wait(100);
    expect(calls).toEqual([]);
  });

  it('lets what runs end when it is set again, and then runs the new one', async () => {
    const calls: ScheduledCall[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    await stage.schedule.set(null, { ...name, dueAt: at(0), payload: { n: 1 } });
    await stage.start({
      reminder: {
        handler: async (call) => {
          calls.push(call);
          if (calls.length === 1) await gate;
        },
      },
    });
    await until('it runs', () => calls.length === 1);
    await stage.schedule.set(null, { ...name, dueAt: at(0), payload: { n: 2 } });
    await wait(150);
    expect(calls).toHaveLength(1);
    open();
    await gone();
    expect(calls.map(({ payload }) => payload['n'])).toEqual([1, 2]);
    expect(calls[1]!.fence).toBeGreaterThan(calls[0]!.fence);
  });

  it('tells a running handler that its entry was cancelled, and forgets the entry', async () => {
    let reason: unknown;
    await stage.schedule.set(null, { ...name, dueAt: at(0), every: MINUTE });
    let runs = 0;
    await stage.start({
      reminder: {
        leaseMs: 60,
        handler: ({ signal }) => {
          runs += 1;
          return new Promise<void>((_, reject) => {
            signal.addEventListener('abort', () => {
              reason = signal.reason;
              reject(signal.reason);
            });
          });
        },
      },
    });
    await until('it runs', () => runs === 1);
    expect(await stage.schedule.cancel(null, name)).toBe('running');
    await gone();
    expect(reason).toMatchObject({ code: 'CONFLICT' });
  });

  it('tries again what fails, later each time, then keeps it as an incident until it is redriven', async () => {
    let healthy = false;
    const attempts: number[] = [];
    const armings = new Set<string>();
    await stage.schedule.set(null, { ...name, dueAt: new Date(stage.clock.now()) });
    await stage.start({
      reminder: {
        maxAttempts: 3,
        handler: async ({ attempt, arming }) => {
          attempts.push(attempt);
          armings.add(arming);
          if (!healthy) throw new TypeError('no such thing');
        },
      },
    });
    for (const attempt of [1, 2]) {
      await until(`attempt ${attempt} failed`, async () => (await stage.schedule.find(name))?.failures === attempt);
      const row = await stage.schedule.find(name);
      const pauseMs = (row?.at?.getTime() ?? 0) - stage.clock.now();
      expect(pauseMs).toBeGreaterThanOrEqual(500 * 2 ** (attempt - 1));
      expect(pauseMs).toBeLessThanOrEqual(1_000 * 2 ** (attempt - 1));
      stage.pass(pauseMs);
    }
    await stands('failed');
    expect(attempts).toEqual([1, 2, 3]);
    const reason = { code: 'INTERNAL', message: 'no such thing' };
    expect(await stage.schedule.list({ kind: 'reminder', state: 'failed', tenant: 'acme' })).toMatchObject([
      { key: 'r1', reason },
    ]);
    expect(await stage.schedule.counts('reminder')).toMatchObject({ failed: 1, waiting: 0 });
    healthy = true;
    expect(await stage.schedule.redrive(null, name)).toBe(true);
    await gone();
    expect([attempts, armings.size]).toEqual([[1, 2, 3, 1], 1]);
    expect(await stage.schedule.redrive(null, name)).toBe(false);
  });

  it('gives up at once what can never work, and waits for long for what will pass', async () => {
    let failure = new AppError('VENDOR_UNAVAILABLE', 'down');
    await stage.schedule.set(null, { ...name, dueAt: new Date(stage.clock.now()) });
    await stage.start({
      reminder: {
        maxAttempts: 1,
        handler: async () => {
          throw failure;
        },
      },
    });
    await until('it failed often', async () => {
      stage.pass(MINUTE);
      return ((await stage.schedule.find(name))?.failures ?? 0) >= 4;
    });
    expect(await stateOf()).not.toBe('failed');
    failure = new AppError('VENDOR_REJECTED', 'never');
    await until('it is given up', async () => {
      stage.pass(MINUTE);
      return (await stateOf()) === 'failed';
    });
    expect((await stage.schedule.find(name))?.reason).toMatchObject({ code: 'VENDOR_REJECTED' });
  });

  it('recurs on its grid, with a new arming each time', async () => {
    const { calls, handler } = createRecorder();
    const start = stage.clock.now();
    await stage.schedule.set(null, { ...name, dueAt: new Date(start), every: MINUTE });
    await stage.start({ reminder: { handler } });
    for (const run of [1, 2, 3]) {
      await until(`run ${run}`, async () => calls.length === run && (await stateOf()) === 'waiting');
      stage.pass(MINUTE);
    }
    await until('run 4', () => calls.length === 4);
    expect(calls.map(({ dueAt }) => dueAt.getTime() - start)).toEqual([0, 1, 2, 3].map((n) => n * MINUTE));
    expect(new Set(calls.map(({ arming }) => arming)).size).toBe(4);
  });

  it.each([
    ['run', 'run' as const, [0, 1, 2, 3, 4, 5], 0],
    ['once', 'once' as const, [0], 5],
    ['skip', { skipAfterMs: 90_000 }, [4, 5], 0],
  ])('brings five missed recurrences by the policy %s', async (_, late, runs, missed) => {
    const { calls, handler } = createRecorder();
    const start = stage.clock.now();
    await stage.schedule.set(null, { ...name, dueAt: new Date(start), every: MINUTE, late });
    stage.pass(5 * MINUTE);
    await stage.start({ reminder: { handler } });
    const next = start + 6 * MINUTE;
    await until('it waits for the next', async () => (await stage.schedule.find(name))?.at?.getTime() === next);
    expect(calls.map(({ dueAt }) => (dueAt.getTime() - start) / MINUTE)).toEqual(runs);
    expect(calls[0]?.missed).toBe(missed);
  });

  it('records what it skips, and runs it only when it is redriven', async () => {
    const { calls, handler } = createRecorder();
    await stage.schedule.set(null, { ...name, dueAt: new Date(stage.clock.now() - 11), late: { skipAfterMs: 10 } });
    await stage.start({ reminder: { handler } });
    await stands('skipped');
    expect(await stage.schedule.find(name)).toMatchObject({ reason: { code: 'TOO_LATE' } });
    expect(calls).toEqual([]);
    await stage.schedule.redrive(null, name);
    await gone();
    expect(calls).toHaveLength(1);
  });

  it('comes again when its handler says so, and ends when it says that', async () => {
    const dues: number[] = [];
    const start = stage.clock.now();
    await stage.schedule.set(null, { ...name, dueAt: new Date(start), every: 1, payload: { n: 0 } });
    await stage.start({
      reminder: {
        handler: async ({ dueAt, payload }) => {
          dues.push(dueAt.getTime() - start);
          const n = Number(payload['n']) + 1;
          return n === 3 ? null : { dueAt: new Date(start + n * MINUTE), payload: { n } };
        },
      },
    });
    await until('it waits', async () => dues.length === 1 && (await stateOf()) === 'waiting');
    stage.pass(MINUTE);
    await until('it waits', async () => dues.length === 2 && (await stateOf()) === 'waiting');
    stage.pass(MINUTE);
    await gone();
    expect(dues).toEqual([0, MINUTE, 2 * MINUTE]);
  });

  it('settles within the transaction of the handler: both or none', async () => {
    const effects = stage.store.connection.collection<{ _id: string }>('effects');
    let failing = true;
    await stage.schedule.set(null, { ...name, dueAt: new Date(stage.clock.now()) });
    await stage.start({
      reminder: {
        handler: ({ arming, settle }) =>
          stage.store.transaction(async (session) => {
            await effects.insertOne({ _id: arming }, { session });
            await settle(session);
            if (failing) throw new Error('after all');
          }),
      },
    });
    await until('it failed', async () => (await stage.schedule.find(name))?.failures === 1);
    expect(await effects.countDocuments()).toBe(0);
    failing = false;
    stage.pass(MINUTE);
    await gone();
    expect(await effects.countDocuments()).toBe(1);
  });

  it('keeps the kinds apart: a slow one holds up no other', async () => {
    const { calls, handler } = createRecorder();
    for (let n = 0; n < 20; n += 1)
      await stage.schedule.set(null, { kind: 'slow', tenant: 'a', key: `${n}`, dueAt: at(0) });
    await stage.start({
      slow: {
        concurrency: 2,
        handler: ({ signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
      },
      reminder: { handler },
    });
    await stage.schedule.set(null, { ...name, dueAt: at(0) });
    await gone();
    expect(calls).toHaveLength(1);
    expect(await stage.schedule.counts('slow')).toMatchObject({ running: 2, waiting: 18 });
  });

  it('hands back what fails because the worker stops, without counting it', async () => {
    let runs = 0;
    await stage.schedule.set(null, { ...name, dueAt: new Date(stage.clock.now()) });
    const worker = await stage.start({
      reminder: {
        handler: ({ signal }) => {
          runs += 1;
          return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
      },
    });
    await until('it runs', () => runs === 1);
    await worker.close(20);
    expect(await stage.schedule.find(name)).toMatchObject({ state: 'waiting', attempt: 0, failures: 0, holder: null });
  });

  it('works a backlog off oldest first, never more at once than it may', async () => {
    const order: number[] = [];
    let atOnce = 0;
    let most = 0;
    const backlog = Array.from({ length: 60 }, (_, n) => n);
    const now = stage.clock.now();
    await Promise.all(
      backlog.map((n) =>
        stage.schedule.set(null, { ...name, key: `b${n}`, dueAt: new Date(now - 60 + n), payload: { n } }),
      ),
    );
    await stage.start({
      reminder: {
        concurrency: 4,
        handler: async ({ payload }) => {
          most = Math.max(most, ++atOnce);
          order.push(Number(payload['n']));
          await wait(1);
          atOnce -= 1;
        },
      },
    });
    await until(
      'all are done',
      async () => (await stage.schedule.counts('reminder')).waiting === 0 && order.length === 60,
    );
    expect(most).toBeLessThanOrEqual(4);
    for (const [place, n] of order.entries()) expect(Math.abs(place - n)).toBeLessThan(8);
  });
});
