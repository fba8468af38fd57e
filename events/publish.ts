import type { Bus, Position } from './bus.ts';
import { checkEvent } from './check-event.ts';
import { toRecord } from './envelope.ts';
import type { TributaryEvent } from './event.ts';

/**
 * Publishes events, all of them or (when one does not fit the catalog) none; resolves once they are durable.
 * AppError EVENT_INVALID names topic, type and field. What tells of a write belongs in the outbox instead.
 */
export async function publishEvents(bus: Bus, topic: string, events: readonly TributaryEvent[]): Promise<Position[]> {
  for (const event of events) checkEvent(topic, event);
  return bus.publish(topic, events.map(toRecord));
}
