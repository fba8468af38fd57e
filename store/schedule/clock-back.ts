import type { mongo } from 'mongoose';
import type { Clock } from '../../lib/clock.ts';
import { LONGEST_PAUSE_MS } from './patience.ts';
import type { ScheduleRow } from './row.ts';

/** By how many milliseconds the time of day must fall behind the steady clock to count as set back. */
const TOLERANCE_MS = 1_000;

/** Says whether the time of day was set back since it was last asked; `unknown` the first time. */
export function createSetBackWatch(clock: Clock, steady: Clock): () => boolean | 'unknown' {
  let before: { wall: number; ticks: number } | null = null;
  return () => {
    const now = { wall: clock.now(), ticks: steady.now() };
    const isBack = before ? now.ticks - before.ticks - (now.wall - before.wall) > TOLERANCE_MS : 'unknown';
    before = now;
    return isBack;
  };
}

/**
 * Puts right what was counted from a time of day that turned out to be wrong: recurrences and retries that wait for longer
 * than their own interval. What a caller set to a moment stays at that moment. Looks at so many of
 * those that wait, the next ones first (0: at all of them), and answers how many it moved.
 */
export async function pullForward(
  rows: mongo.Collection<ScheduleRow>,
  kind: string,
  { now, limit }: { now: number; limit: number },
): Promise<number> {
  const ahead = { kind, state: 'waiting', at: { $gt: new Date(now) } } as const;
  let moved = 0;
  for await (const row of rows.find(ahead, { projection: { payload: 0 }, sort: { at: 1 }, limit })) {
    const at = row.relative ? properTime(row, now) : null;
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
