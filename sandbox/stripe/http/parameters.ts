import { z } from 'zod';
import { StripeFailure } from '../failure.ts';

/** Parameters as they come out of a form: everything is text. */
export const integer = z
  .string()
  .regex(/^-?\d{1,15}$/, 'integer')
  .transform(Number);

/** `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Text, at most 5,000 characters; the empty text unsets. */
export const text = z.string().max(5_000);

/** Up to 50 pairs; an empty value removes its key. */
export const metadata = z.record(z.string().max(40), z.string().max(500));

/** What every call may carry. */
export const expandable = { expand: z.array(z.string()).optional() };

/** What every list takes. */
export const paging = {
  ...expandable,
  limit: integer.pipe(z.number().min(1).max(100)).optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
  created: z
    .union([integer, z.strictObject({ gt: integer, gte: integer, lt: integer, lte: integer }).partial()])
    .optional(),
};

/** Whether a moment (seconds) is within the `created` parameter of a list. */
export function isCreatedWithin(
  created: number,
  range:
    | number
    | { gt?: number | undefined; gte?: number | undefined; lt?: number | undefined; lte?: number | undefined }
    | undefined,
): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return created === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return created > gt && created >= gte && created < lt && created <= lte;
}

/** Existing metadata with the given pairs set, and those given as '' removed. */
export function mergeMetadata(known: Readonly<Record<string, string>>, given: Readonly<Record<string, string>> = {}) {
  return Object.fromEntries(Object.entries({ ...known, ...given }).filter(([, value]) => value !== ''));
}

/** The parameters of a call, or Stripe's refusal of the first that is wrong. */
export function readParameters<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw toFailure(parsed.error.issues[0]);
}

function toFailure(issue: z.core.$ZodIssue | undefined): StripeFailure {
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const param = toParam([...path, issue.keys[0] ?? '']);
    return new StripeFailure(400, `Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
  }
  const param = toParam(path);
  if (issue?.code === 'invalid_type' && issue.input === undefined)
    return new StripeFailure(400, `Missing required param: ${param}.`, { code: 'parameter_missing', param });
  if (issue?.message === 'integer')
    return new StripeFailure(400, `Invalid integer: ${param}`, { code: 'parameter_invalid_integer', param });
  return new StripeFailure(400, `Invalid ${param}`, { param });
}

function toParam([head = '', ...rest]: readonly string[]): string {
  return head + rest.map((part) => `[${part}]`).join('');
}
