import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import { Answer } from '../answer.ts';
import { OperationRejected } from '../engine.ts';
import type { Guard } from './guard.ts';
import type { HookedOperation } from './hooked-operations.ts';
import type { GatewayHooks, ResponseChange, ResponseEvent } from './hooks.ts';

/** What is known of an operation that was refused. */
export type Refused = Pick<HookedOperation, 'request' | 'context'>;

/** The `onResponse` of hooks, the last one first. */
export interface ResponseHooks {
  /** The answer as the hooks want it; of a hook that fails, its error alone. Never rejects. */
  answer(answer: Answer, hooked: HookedOperation): Promise<Answer>;
  /** What to throw instead of `error`. */
  refusal(error: unknown, refused: Refused): Promise<unknown>;
}

/** A coded error as GraphQL shows it, or null for anything that clients must not see. */
function toErrors(error: unknown): readonly GraphQLFormattedError[] | null {
  if (error instanceof OperationRejected) return error.errors;
  if (!(error instanceof AppError)) return null;
  return [{ message: error.message, extensions: { ...error.extensions, code: error.code } }];
}

/** Instances, as `ExecutionResult` wants them; their JSON is the formatted error. */
function toInstance({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? {} });
}

function withErrors({ errors: _, ...result }: ExecutionResult, errors: readonly GraphQLFormattedError[]) {
  return errors.length === 0 ? result : { errors: errors.map(toInstance), ...result };
}

function applyChange(answer: Answer, { extensions, headers, errors }: ResponseChange): Answer {
  let changed = answer;
  if (errors) changed = Answer.ofResult(withErrors(answer.result, errors), answer.deferred).withHeaders(answer.headers);
  if (extensions) changed = changed.withExtensions(extensions);
  return headers ? changed.withHeaders(headers) : changed;
}

/** The answer where a hook failed. What is still being fetched for the one it replaces is cancelled. */
async function toFailed(error: unknown, answer: Answer): Promise<Answer> {
  await answer.deferred?.parts[Symbol.asyncIterator]().return?.();
  const errors = toErrors(error) ?? [{ message: 'Something failed inside.', extensions: { code: 'INTERNAL' } }];
  return Answer.ofResult({ errors: errors.map(toInstance) });
}

/** Those of `hooks` that have `onResponse`. */
export function createResponseHooks({ hooks, guard }: { hooks: readonly GatewayHooks[]; guard: Guard }): ResponseHooks {
  const reversed = hooks.filter(({ onResponse }) => onResponse).reverse();

  const ask = (hook: GatewayHooks, event: ResponseEvent) =>
    guard(hook, 'onResponse', event.context.requestId, () => hook.onResponse?.(event));

  return {
    async answer(given, hooked) {
      let answer = given;
      for (const hook of reversed) {
        const shown = answer;
        const event = {
          ...hooked,
          refused: false,
          get result() {
            return shown.result;
          },
        };
        try {
          const change = await ask(hook, event);
          if (change) answer = applyChange(answer, change);
        } catch (error) {
          answer = await toFailed(error, answer);
        }
      }
      return answer;
    },

    async refusal(given, refused) {
      let error = given;
      for (const hook of reversed) {
        const errors = toErrors(error);
        if (!errors) return error;
        const result: ExecutionResult = { errors: errors.map(toInstance) };
        try {
          const change = await ask(hook, { ...refused, result, refused: true, operation: null });
          const status = error instanceof OperationRejected || error instanceof AppError ? error.status : 500;
          if (change?.errors?.length) error = new OperationRejected(change.errors, status);
        } catch (failure) {
          error = failure;
        }
      }
      return error;
    },
  };
}
