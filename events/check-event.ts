import type { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { CATALOG } from './catalog.ts';
import type { TributaryEvent } from './event.ts';

function refuse(topic: string, type: string, field: string | null, message: string): AppError {
  return new AppError('EVENT_INVALID', message, { extensions: { topic, type, ...(field && { field }) } });
}

/** AppError EVENT_INVALID, naming topic, type and field, unless the event is one the catalog has on that topic. */
export function checkEvent(topic: string, event: TributaryEvent): void {
  const { type, subject, data } = event;
  const known = Object.hasOwn(CATALOG, topic) ? CATALOG[topic] : undefined;
  if (!known) throw refuse(topic, type, null, `The catalog has no topic ${JSON.stringify(topic)}.`);
  const schema = Object.hasOwn(known.types, type) ? known.types[type] : undefined;
  if (!schema) throw refuse(topic, type, 'type', `Topic ${topic} has no event type ${JSON.stringify(type)}.`);
  const parsed = schema.safeParse(data);
  if (!parsed.success) {
    const field = `data.${fieldOf(parsed.error.issues)}`;
    throw refuse(topic, type, field, `${type} on ${topic}: ${field} does not fit the catalog.`);
  }
  if (subject !== data.id)
    throw refuse(topic, type, 'subject', `${type} on ${topic}: subject must be data.id, it keys the order.`);
}

function fieldOf([issue]: readonly z.core.$ZodIssue[]): string {
  const path = issue?.path.join('.') ?? '';
  const extra = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : '';
  return [path, extra].filter(Boolean).join('.') || '*';
}
