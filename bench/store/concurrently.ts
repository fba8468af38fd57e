import { toPercentiles } from '../percentiles.ts';

/** How a closed loop went. */
export interface Loop {
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds an operation took. */
  readonly latency: ReturnType<typeof toPercentiles>;
}

/** Keeps `concurrency` operations under way for a time; each begins when the one before it ends. */
export async function concurrently(
  { concurrency, milliseconds }: { concurrency: number; milliseconds: number },
  operation: (number: number) => Promise<unknown>,
): Promise<Loop> {
  const took: number[] = [];
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (performance.now() - start < milliseconds) {
      const began = performance.now();
      const number = next;
      next += 1;
      await operation(number);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  return { count: took.length, perSecond: Math.round(took.length / seconds), latency: toPercentiles(took) };
}

/** The middle one of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
