/**
 * Milliseconds of work after which a scan lets others run. A command needs several turns of the thread (its bytes arrive, its
 * commit ends), so beside a scan it waits a few slices, not one.
 */
export const SLICE_MS = 2;

const waiting: (() => void)[] = [];

function serve(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(serve);
}

/**
 * Lets whatever waits in the thread run. Of all that wait here one goes on in each turn of the thread, in order of arrival:
 * many scans at once take no more of a turn from other commands than one does.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(serve);
  });
}
