import { catalogTopics } from '../events/catalog.ts';
import { withDeadLetters } from '../events/dead-letter-topics.ts';
import { AppError } from '../lib/errors.ts';

const DAY_MS = 24 * 3_600_000;
/** What logs keep beyond their time: they drop whole segments. */
const SLACK_MS = 7 * DAY_MS;
/** By how much the clocks of broker, database and ours may differ. */
const CLOCKS_MS = DAY_MS;

/** The longest way of a record: its topic's time, then its dead letters' time, then, redriven, its topic's time once more. */
function longestWay(): number {
  const [longest, longestDead] = [false, true].map((dead) =>
    Math.max(
      ...catalogTopics()
        .flatMap(withDeadLetters)
        .filter(({ name }) => name.endsWith('.dlq') === dead)
        .map(({ retentionMs }) => retentionMs),
    ),
  ) as [number, number];
  return 2 * longest + longestDead;
}

/** For how long a claim is kept, in milliseconds: longer than the bus of the catalog can bring its record again. */
export const INBOX_HORIZON_MS = longestWay() + SLACK_MS;

/**
 * AppError TOO_LATE for a record that the log took so long ago that a claim of it may be forgotten: from a log that keeps
 * longer than the catalog says. Nobody can tell whether it was handled, so it belongs in the dead letters. Times in milliseconds.
 */
export function requireClaimable(recordedAt: number, now: number): void {
  if (now - recordedAt > INBOX_HORIZON_MS - CLOCKS_MS)
    throw new AppError('TOO_LATE', 'The record is older than what is remembered of handled ones.');
}
