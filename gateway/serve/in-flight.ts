/** Counts what is under way, so that a stopping server can wait for it. */
export interface InFlight {
  /** Runs `work` and counts it until it settles. */
  track<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, or after `timeoutMs`; answers which. */
  idle(timeoutMs: number): Promise<boolean>;
}

/** A counter at zero. */
export function createInFlight(): InFlight {
  let running = 0;
  let waiters: (() => void)[] = [];

  return {
    async track(work) {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        if (running === 0) {
          for (const wake of waiters) wake();
          waiters = [];
        }
      }
    },
    idle: (timeoutMs) =>
      new Promise((resolve) => {
        if (running === 0) return resolve(true);
        const timer = setTimeout(() => resolve(false), timeoutMs);
        waiters.push(() => {
          clearTimeout(timer);
          resolve(true);
        });
      }),
  };
}
