import type { Recurring } from './catalog.ts';

/** A span of time, in seconds since the epoch. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

const SECONDS = { day: 86_400, week: 604_800 } as const;

/** The moment `count` intervals after `start`; months keep the day of the month, or take the last there is. In UTC. */
export function addInterval(start: number, { interval, interval_count: every }: Recurring, count = 1): number {
  const steps = every * count;
  if (interval === 'day' || interval === 'week') return start + steps * SECONDS[interval];
  const date = new Date(start * 1_000);
  const months = interval === 'year' ? steps * 12 : steps;
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return Math.floor(date.getTime() / 1_000);
}
