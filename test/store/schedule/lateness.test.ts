import { describe, expect, it } from 'vitest';
import { judgeLateness } from '../../../store/schedule/lateness.ts';

const MINUTE = 60_000;
const once = { every: null };
const eachMinute = { every: MINUTE };

describe('what comes late', () => {
  it.each([
    ['in time, once', { ...once, late: 'run', now: 0 }, { action: 'run', dueAt: 0, missed: 0, skipped: 0, next: null }],
    ['a year late, run', { ...once, late: 'run', now: 365 * 86_400_000 }, { action: 'run', dueAt: 0, next: null }],
    ['late within tolerance', { ...once, late: { skipAfterMs: 10 }, now: 10 }, { action: 'run', dueAt: 0, skipped: 0 }],
    [
      'late beyond tolerance',
      { ...once, late: { skipAfterMs: 10 }, now: 11 },
      { action: 'skip', skipped: 1, next: null },
    ],
    [
      'recurring, in time',
      { ...eachMinute, late: 'run', now: 5 },
      { action: 'run', dueAt: 0, missed: 0, next: MINUTE },
    ],
    [
      'recurring, three missed, each run',
      { ...eachMinute, late: 'run', now: 3 * MINUTE },
      { action: 'run', dueAt: 0, missed: 0, next: MINUTE },
    ],
    [
      'recurring, three missed, run as one',
      { ...eachMinute, late: 'once', now: 3 * MINUTE },
      { action: 'run', dueAt: 0, missed: 3, next: 4 * MINUTE },
    ],
    [
      'recurring, only the last within tolerance',
      { ...eachMinute, late: { skipAfterMs: 20_000 }, now: 3 * MINUTE + 10_000 },
      { action: 'run', dueAt: 3 * MINUTE, skipped: 3, next: 4 * MINUTE },
    ],
    [
      'recurring, none within tolerance',
      { ...eachMinute, late: { skipAfterMs: 20_000 }, now: 3 * MINUTE + 30_000 },
      { action: 'skip', skipped: 4, next: 4 * MINUTE },
    ],
    [
      'recurring, all within tolerance',
      { ...eachMinute, late: { skipAfterMs: 60 * MINUTE }, now: 3 * MINUTE },
      { action: 'run', dueAt: 0, skipped: 0, next: MINUTE },
    ],
  ] as const)('%s', (_, entry, verdict) => {
    expect(judgeLateness({ dueAt: 0, ...entry })).toMatchObject(verdict);
  });
});
