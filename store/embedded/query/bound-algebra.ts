import type { Bound, Limit } from './bounds.ts';

/** Both hold: the first stays where the two cannot be joined without knowing more. */
export function narrow(left: Bound | undefined, right: Bound): Bound {
  if (!left) return right;
  if (left.equals) return left;
  if (right.equals) return right;
  return { ...right, ...left };
}

function lowest(bound: Bound): Limit | undefined {
  if (!bound.equals) return bound.lower;
  const key = [...bound.equals].sort()[0];
  return key === undefined ? undefined : { key, inclusive: true };
}

function highest(bound: Bound): Limit | undefined {
  if (!bound.equals) return bound.upper;
  const key = [...bound.equals].sort().at(-1);
  return key === undefined ? undefined : { key, inclusive: true };
}

function pick(limits: (Limit | undefined)[], isBetter: (left: string, right: string) => boolean): Limit | undefined {
  return limits.reduce((best, limit) => {
    if (!best || !limit) return undefined;
    if (best.key === limit.key) return best.inclusive ? best : limit;
    return isBetter(limit.key, best.key) ? limit : best;
  });
}

/** One of several holds: the least range that holds them all, or nothing known. */
export function widen(bounds: readonly Bound[]): Bound | null {
  if (bounds.every((bound) => bound.equals))
    return { equals: [...new Set(bounds.flatMap((bound) => bound.equals ?? []))].sort() };
  const kinds = new Set(bounds.flatMap((bound) => [lowest(bound), highest(bound)]).map((limit) => limit?.key[0]));
  kinds.delete(undefined);
  if (kinds.size !== 1) return null;
  const lower = pick(bounds.map(lowest), (left, right) => left < right);
  const upper = pick(bounds.map(highest), (left, right) => left > right);
  if (!lower && !upper) return null;
  return { ...(lower ? { lower } : {}), ...(upper ? { upper } : {}) };
}
