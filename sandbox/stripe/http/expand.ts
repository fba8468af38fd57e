import { StripeFailure } from '../failure.ts';

/** Fields that may hold an id, and of what. */
const EXPANDABLE: Readonly<Record<string, string>> = {
  customer: 'customer',
  latest_invoice: 'invoice',
  subscription: 'subscription',
  product: 'product',
};

/** The object of a kind by id; null when there is none. */
export type Find = (object: string, id: string) => object | null;

/**
 * Puts whole objects in place of the ids that the paths of `expand` name, for example `latest_invoice` or `data.customer`.
 * https://docs.stripe.com/api/expanding_objects
 */
export function expand(body: unknown, paths: readonly string[], find: Find): unknown {
  return paths.reduce((expanded, path) => expandPath(expanded, path.split('.'), find), body);
}

function expandPath(value: unknown, [name, ...rest]: readonly string[], find: Find): unknown {
  if (name === undefined || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => expandPath(item, [name, ...rest], find));
  if (typeof value !== 'object' || !Object.hasOwn(value, name))
    throw new StripeFailure(400, `This property cannot be expanded (${name}).`, { param: 'expand' });
  const held = (value as Record<string, unknown>)[name];
  return { ...value, [name]: expandPath(toObject(held, name, rest.length, find), rest, find) };
}

function toObject(held: unknown, name: string, deeper: number, find: Find): unknown {
  if (typeof held !== 'string') return held;
  const kind = EXPANDABLE[name];
  if (!kind) {
    if (deeper === 0) throw new StripeFailure(400, `This property cannot be expanded (${name}).`, { param: 'expand' });
    return held;
  }
  return find(kind, held) ?? held;
}
