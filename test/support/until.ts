import { setTimeout as wait } from 'node:timers/promises';

/** Waits until the condition holds; throws, saying what it waited for, when it does not within `ms`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still not so after ${ms} ms: ${what}`);
    await wait(5);
  }
}
