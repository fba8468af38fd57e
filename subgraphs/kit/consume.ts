import type { ConsumeOptions, Consumer } from '../../events/bus.ts';
import { requireClaimable } from '../../store/inbox-horizon.ts';
import { withStoreFailures } from '../../store/store-failure.ts';
import type { Runtime } from './service.ts';

/**
 * A consumer that claims the ids of its events in the inbox. What the database's outage makes fail waits for its end instead
 * of going to the dead letters; a record too old for its claim to be known (TOO_LATE) goes there at once.
 */
export function consume({ bus, clock }: Pick<Runtime, 'bus' | 'clock'>, options: ConsumeOptions): Promise<Consumer> {
  return bus.consume({
    ...options,
    handler: async (record, context) => {
      requireClaimable(record.timestamp, clock.now());
      await withStoreFailures(() => options.handler(record, context));
    },
  });
}
