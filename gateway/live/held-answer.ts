import { Answer, type Deferred, type DeferredPart } from '../answer.ts';

/** The answer itself, and `release` called when all of it is there: at once, or after the last deferred part was read. */
export function holdUntilAnswered(answer: Answer, release: () => void): Answer {
  if (answer.deferred === null) {
    release();
    return answer;
  }
  const { pending, parts } = answer.deferred;
  const deferred: Deferred = { pending, parts: { [Symbol.asyncIterator]: () => releasing(parts, release) } };
  return Answer.ofResult(answer.result, deferred).withHeaders(answer.headers);
}

/** Not a generator: one that is returned before it was begun would neither release nor cancel anything. */
function releasing(parts: AsyncIterable<DeferredPart>, release: () => void): AsyncIterator<DeferredPart> {
  const inner = parts[Symbol.asyncIterator]();
  return {
    async next() {
      try {
        const taken = await inner.next();
        if (taken.done) release();
        return taken;
      } catch (error) {
        release();
        throw error;
      }
    },
    async return() {
      try {
        await inner.return?.();
      } finally {
        release();
      }
      return { done: true, value: undefined };
    },
  };
}
