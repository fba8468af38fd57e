import type { mongo } from 'mongoose';
import type { Logger } from '../../lib/logger.ts';
import { watchChanges } from '../watch-inserts.ts';
import { kindOf, type ScheduleRow } from './row.ts';

/** What makes an entry wait: an insert, another arming, the end of a run. Claims and renewals wake nobody. */
const ARMINGS = [
  {
    $match: {
      $or: [
        { operationType: 'insert' },
        { 'updateDescription.updatedFields.arming': { $type: 'string' } },
        { 'updateDescription.updatedFields.state': 'waiting' },
      ],
    },
  },
  { $project: { documentKey: 1 } },
];

/** Calls back with the kind of every entry that is armed anywhere, until the signal aborts. Never rejects. */
export function watchArmings(
  rows: mongo.Collection<ScheduleRow>,
  options: { onArmed: (kind: string) => void; signal: AbortSignal; logger: Logger },
): Promise<void> {
  const { onArmed, signal, logger } = options;
  return watchChanges(rows, ARMINGS, {
    onChange: (change) => {
      const id = (change as { documentKey?: { _id?: unknown } }).documentKey?._id;
      if (typeof id === 'string') onArmed(kindOf(id));
    },
    signal,
    logger,
  });
}
