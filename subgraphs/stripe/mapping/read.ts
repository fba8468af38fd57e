import type { z } from 'zod';
import { AppError } from '../../../lib/errors.ts';

/** A vendor's JSON by its schema. AppError EVENT_INVALID names what it should have been and the first field that is wrong, never a value. */
export function readObject<Schema extends z.ZodType>(schema: Schema, name: string, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || '*';
  throw new AppError('EVENT_INVALID', `A Stripe ${name} has no readable ${field}.`, { extensions: { name, field } });
}

/** A moment of Stripe's as a Date. */
export function toDate(seconds: number): Date {
  return new Date(seconds * 1_000);
}

/** Like `toDate`; null for what is absent. */
export function toDateOrNull(seconds: number | null | undefined): Date | null {
  return typeof seconds === 'number' ? toDate(seconds) : null;
}
