import type { Lifetime } from '../lifetime.ts';

/** Waits so many milliseconds. Rejects as soon as the lifetime ends, with its error. */
export function pauseWithin(milliseconds: number, lifetime: Lifetime): Promise<void> {
  if (lifetime.error) return Promise.reject(lifetime.error);
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      lifetime.watch(null);
      resolve();
    }, milliseconds);
    lifetime.watch((error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
