/**
 * Milliseconds of work after which a scan lets others run. A command needs several turns of the thread (its bytes arrive, its
 * commit ends), so beside a scan it waits a few slices, not one.
 */
export const SLICE_MS = 2;

/** The same while a commit is on its way: it takes some turns of the thread to be on disk, and whoever waits for it waits them all. */
const SHORT_SLICE_MS = 0.5;

let commits = 0;

/** Shortens the slices of scans until the answer is called. */
export function hurry(): () => void {
  commits += 1;
  return () => {
    commits -= 1;
  };
}

/** When a slice that begins now is used up, on the clock of `performance.now()`. */
export function endOfSlice(): number {
  return performance.now() + (commits > 0 ? SHORT_SLICE_MS : SLICE_MS);
}

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
