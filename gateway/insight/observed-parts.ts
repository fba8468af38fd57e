import type { GraphQLFormattedError } from 'graphql';
import { Answer, type Deferred, type DeferredPart } from '../answer.ts';
import { type Outcome, toOutcome } from './outcome.ts';

/**
 * An answer of which parts come later: `end` is called once, when the last has been read or nobody reads on, with the outcome of
 * all that came, errors of later parts too.
 */
export function observeParts(answer: Answer, end: (outcome: Outcome) => void): Answer {
  const { deferred } = answer;
  if (!deferred) return answer;
  const errors: Pick<GraphQLFormattedError, 'message' | 'extensions'>[] = [...answer.errors];
  let isOver = false;
  const finish = () => {
    if (isOver) return;
    isOver = true;
    end(toOutcome({ errors, hasData: answer.hasData }));
  };
  const note = (part: DeferredPart) => errors.push(...part.errors);
  const parts = { [Symbol.asyncIterator]: () => noting(deferred.parts, note, finish) };
  const observed: Deferred = { pending: deferred.pending, parts };
  return Answer.ofResult(answer.result, observed).withHeaders(answer.headers);
}

/** Not a generator: one that is returned before it was begun would not say that it is over. */
function noting(
  parts: AsyncIterable<DeferredPart>,
  note: (part: DeferredPart) => void,
  finish: () => void,
): AsyncIterator<DeferredPart> {
  const inner = parts[Symbol.asyncIterator]();
  return {
    async next() {
      try {
        const taken = await inner.next();
        if (taken.done) finish();
        else note(taken.value);
        return taken;
      } catch (error) {
        finish();
        throw error;
      }
    },
    async return() {
      try {
        await inner.return?.();
      } finally {
        finish();
      }
      return { done: true, value: undefined };
    },
  };
}
