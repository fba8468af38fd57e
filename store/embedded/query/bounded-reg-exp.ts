import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { MongoError } from '../mongo-error.ts';

/** Milliseconds one text may take. */
const BUDGET_MS = 200;
/** A text this short is through in a moment whatever the pattern. */
const SHORT = 16;

/** V8's linear engine takes over where its other one goes back too often: no group, look-around or count that only that one can do. */
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** What the linear engine cannot do: back references, look-around, counts, flags beside `m` and `s`. */
const BEYOND_LINEAR = /\\[1-9k]|\(\?[=!<]|\{\d/;
/** A group repeated, or several parts of no fixed length: where going back can take for ever. */
const REPEATED_GROUP = /\)[*+{?]/;
const UNBOUNDED = /[*+]|\{\d+,\}/g;

function isRisky(source: string, flags: string): boolean {
  const isLinear = !BEYOND_LINEAR.test(source) && !/[iu]/.test(flags);
  return !isLinear && (REPEATED_GROUP.test(source) || (source.match(UNBOUNDED)?.length ?? 0) > 2);
}

/** What the script runs: there is one at a time, since nothing in it waits. */
const slot: { work: () => boolean } = { work: () => false };
Object.defineProperty(globalThis, Symbol.for('tributary.boundedRegExp'), { value: slot });
const script = new Script(`globalThis[Symbol.for('tributary.boundedRegExp')].work()`);

/** Runs it within the budget: the clock is watched by another thread, which may break off even a running pattern. */
function within(work: () => boolean): boolean {
  slot.work = work;
  try {
    return script.runInThisContext({ timeout: BUDGET_MS }) as boolean;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new MongoError('BadValue', `A regular expression took longer than ${BUDGET_MS} ms for one text`);
  }
}

/** A regular expression that cannot hold up the thread: `test` throws MongoError BadValue when one text takes over 200 ms. */
class BoundedRegExp extends RegExp {
  override test(text: string): boolean {
    return text.length <= SHORT ? super.test(text) : within(() => super.test(text));
  }
}

/** Compiles a pattern that came from outside: one that may take for ever is bounded in time. Throws SyntaxError. */
export function toBoundedRegExp(source: string, flags: string): RegExp {
  return isRisky(source, flags) ? new BoundedRegExp(source, flags) : new RegExp(source, flags);
}
