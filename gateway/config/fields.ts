import { z } from 'zod';

/** A field with its line in the reference and, where it has one, its default. Defaults are described here and applied by who uses them. */
export function field<Schema extends z.ZodType>(schema: Schema, description: string, byDefault?: unknown) {
  return schema.optional().meta(byDefault === undefined ? { description } : { description, default: byDefault });
}

/** Milliseconds, from 1 to an hour. */
export const milliseconds = z.int().min(1).max(3_600_000);
/** Milliseconds, from 0 to an hour. */
export const pause = z.int().min(0).max(3_600_000);
/** A number of things, at least one. */
export const count = z.int().min(1).max(1_000_000_000);
/** Bytes, to 1 GB. */
export const bytes = z.int().min(1).max(1_000_000_000);
/** From 0 to 1. */
export const share = z.number().min(0).max(1);
/** A text that is not empty. */
export const text = z.string().min(1);
/** An http or https URL. */
export const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http or https URL' });
/** Header names and values. */
export const headerValues = z.record(text, z.string());
