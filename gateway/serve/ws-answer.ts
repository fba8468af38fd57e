import type { ExecutionResult } from 'graphql';
import type { Answer } from '../answer.ts';
import { toPayloads } from './incremental/payloads.ts';

/** The messages of an answer: one, or as many as it has parts. */
async function* toMessages(
  { result, deferred }: Answer,
  onFailure: (error: unknown) => void,
): AsyncGenerator<ExecutionResult, void, void> {
  if (!deferred) yield result;
  // Not results but payloads; graphql-ws sends either as it is.
  else
    yield* toPayloads({
      result,
      deferred,
      form: '20220824',
      onFailure,
    }) as AsyncGenerator<object> as AsyncGenerator<ExecutionResult>;
}

/**
 * The answer to a query or a mutation as a generator: of those graphql-ws hears when the client completes the operation, of
 * promises it does not. `run` gets a signal that is aborted then, or when `session` is; nothing comes out any more. What of
 * the answer comes later follows in the older incremental form, which clients of this protocol read.
 */
export function streamAnswer(options: {
  readonly run: (signal: AbortSignal) => Promise<Answer>;
  readonly session: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}): AsyncGenerator<ExecutionResult, void, void> {
  const { run, session, onFailure } = options;
  const left = new AbortController();
  const end = { done: true, value: undefined } as const;
  let messages: AsyncGenerator<ExecutionResult, void, void> | null = null;
  // Not AbortSignal.any, of which a session that lives for days would keep a trace for every operation.
  const follow = () => left.abort();
  const settle = () => session.removeEventListener('abort', follow);
  session.addEventListener('abort', follow, { once: true });
  if (session.aborted) follow();
  const leave = async () => {
    settle();
    left.abort();
    await messages?.return();
  };
  const generator: AsyncGenerator<ExecutionResult, void, void> = {
    async next() {
      if (left.signal.aborted) return end;
      messages ??= toMessages(await run(left.signal), onFailure);
      const { done, value } = await messages.next();
      if (!done && !left.signal.aborted) return { done: false, value };
      settle();
      return end;
    },
    async return() {
      await leave();
      return end;
    },
    async throw(error) {
      await leave();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: leave,
  };
  return generator;
}
