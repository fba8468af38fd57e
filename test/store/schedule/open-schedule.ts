import { createFrozenClock } from '../../../lib/clock.ts';
import type { ScheduledCall, ScheduleKind, ScheduleWorker } from '../../../store/schedule.ts';
import { createSchedule, type Schedule, startScheduleWorker } from '../../../store/schedule.ts';
import { openTestStore } from '../../support/test-store.ts';

/** Where the tests' time stands at first. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');

/** A schedule on a store of its own, with both clocks in the test's hand. */
export async function openSchedule() {
  const store = await openTestStore();
  const clock = createFrozenClock(NOW);
  const steady = createFrozenClock(0);
  const schedule: Schedule = createSchedule(store.connection, { clock });
  const workers: ScheduleWorker[] = [];
  return {
    store,
    schedule,
    clock,
    steady,
    /** Both clocks go on, as they do outside. */
    pass: (milliseconds: number) => {
      clock.advance(milliseconds);
      steady.advance(milliseconds);
    },
    start: async (kinds: Record<string, ScheduleKind>, pollMs = 15) => {
      const worker = await startScheduleWorker({ connection: store.connection, kinds, clock, steady, pollMs });
      workers.push(worker);
      return worker;
    },
    stopAll: async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.close(0)));
    },
    clear: async () => {
      await store.connection.collection('schedule').deleteMany({});
    },
    close: () => store.close(),
  };
}

/** A handler that notes its calls. */
export function createRecorder(): { calls: ScheduledCall[]; handler: (call: ScheduledCall) => Promise<void> } {
  const calls: ScheduledCall[] = [];
  return { calls, handler: async (call) => void calls.push(call) };
}
