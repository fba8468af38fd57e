import type { mongo } from 'mongoose';
import type { Clock } from '../../lib/clock.ts';
import { LONGEST_PAUSE_MS } from './patience.ts';
import type { ScheduleRow } from './row.ts';

/** By how many milliseconds the time of day must fall behind the steady clock to count as set back. */
const TOLERANCE_MS = 1_000;

/** Says whether the time of day was set back since it was last asked; true the first time, as nobody knows. */
export function createSetBackWatch(clock: Clock, steady: Clock): () => boolean {
  let wall = Number.POSITIVE_INFINITY;
  let ticks = 0;
  return () => {
    const [wallNow, ticksNow] = [clock.now(), steady.now()];
    const isBack = ticksNow - ticks - (wallNow - wall) > TOLERANCE_MS;
    wall = wallNow;
    ticks = ticksNow;
    return isBack;
  };
}

/**
 * Puts right what was counted from a time of day that turned out to be wrong: recurrences and retries that wait for longer
 * than their own interval. What a caller set to a moment stays at that moment. Answers how many it moved.
 */
export async function pullForward(rows: mongo.Collection<ScheduleRow>, kind: string, now: number): Promise<number> {
  const ahead = { kind, state: 'waiting', relative: true, at: { $gt: new Date(now) } } as const;
  let moved = 0;
  for await (const row of rows.find(ahead, { projection: { payload: 0 } })) {
    const at = properTime(row, now);
    if (at === null) continue;
    const { _id, arming, failures } = row;
    const change = failures > 0 ? { at: new Date(at) } : { at: new Date(at), dueAt: new Date(at) };
    const { matchedCount } = await rows.updateOne(
      { _id, state: 'waiting', arming, at: row.at as Date },
      { $set: change },
    );
    moved += matchedCount;
  }
  return moved;
}

/** When it should be looked at, in milliseconds; null when it is right as it is. A recurrence stays on its grid. */
function properTime({ at, every, failures }: ScheduleRow, now: number): number | null {
  const span = failures > 0 ? LONGEST_PAUSE_MS : every;
  const ahead = (at?.getTime() ?? now) - now;
  if (span === null || ahead <= span) return null;
  return failures > 0 ? now : now + (ahead % span);
}
