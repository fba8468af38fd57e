import type { ExecutionResult } from 'graphql';

/**
 * The one result of a query or a mutation as a generator: of those graphql-ws hears when the client completes the operation,
 * of promises it does not. `run` gets a signal that is aborted then, or when `session` is; nothing comes out any more.
 */
export function streamSingleResult(
  run: (signal: AbortSignal) => Promise<ExecutionResult>,
  session: AbortSignal,
): AsyncGenerator<ExecutionResult, void, void> {
  const left = new AbortController();
  const end = { done: true, value: undefined } as const;
  let hasBegun = false;
  const generator: AsyncGenerator<ExecutionResult, void, void> = {
    async next() {
      if (hasBegun || left.signal.aborted) return end;
      hasBegun = true;
      const value = await run(AbortSignal.any([session, left.signal]));
      return left.signal.aborted ? end : { done: false, value };
    },
    async return() {
      left.abort();
      return end;
    },
    async throw(error) {
      left.abort();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => left.abort(),
  };
  return generator;
}
