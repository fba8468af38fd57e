import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Deferred, DeferredPart, PendingPart } from '../../answer.ts';
import type { IncrementalForm } from '../negotiate.ts';

/** One message of an answer whose parts come later, for `JSON.stringify`. */
export interface Payload {
  readonly hasNext: boolean;
  readonly [member: string]: unknown;
}

/** How a form says what happened. */
interface Wording {
  first(result: ExecutionResult, pending: readonly PendingPart[]): Record<string, unknown>;
  /** `known` is the announcement of the part. */
  part(part: DeferredPart, known: PendingPart): Record<string, unknown>;
  /** Several parts that failed at once. */
  failed(parts: readonly PendingPart[], errors: readonly GraphQLFormattedError[]): Record<string, unknown>;
}

const labelOf = ({ label }: PendingPart) => (label === null ? {} : { label });
const errorsOf = (errors: readonly GraphQLFormattedError[]) => (errors.length === 0 ? {} : { errors });

/** Draft of 2022-08-24: parts say where they belong. Spec: github.com/graphql/graphql-wg/blob/main/rfcs/DeferStream.md. */
const OLDER: Wording = {
  first: (result) => ({ ...result }),
  part: ({ data, errors }, known) => ({
    incremental: [{ data, path: known.path, ...labelOf(known), ...errorsOf(errors) }],
  }),
  failed: (parts, errors) => ({
    incremental: parts.map((known) => ({ data: null, path: known.path, ...labelOf(known), errors })),
  }),
};

const announce = (pending: readonly PendingPart[]) =>
  pending.length === 0 ? {} : { pending: pending.map((part) => ({ id: part.id, path: part.path, ...labelOf(part) })) };

/** Current draft, which clients call v0.2: parts are announced, and told complete. Spec: github.com/graphql/graphql-spec/pull/1110. */
const CURRENT: Wording = {
  first: (result, pending) => ({ ...result, ...announce(pending) }),
  part: ({ id, data, errors, pending }) =>
    data === null
      ? { completed: [{ id, errors }] }
      : { ...announce(pending), incremental: [{ id, data, ...errorsOf(errors) }], completed: [{ id }] },
  failed: (parts, errors) => ({ completed: parts.map(({ id }) => ({ id, errors })) }),
};

const WORDINGS: Readonly<Record<IncrementalForm, Wording>> = { '20220824': OLDER, 'v0.2': CURRENT };

const BROKEN_OFF: GraphQLFormattedError = {
  message: 'This part of the answer was lost.',
  extensions: { code: 'INTERNAL' },
};

/**
 * The messages of an answer, first to last; only the last has `hasNext: false`. Parts that are announced and never come, or
 * whose source fails (told to `onFailure`), are told failed, so that no client waits for them. Returning early cancels.
 */
export async function* toPayloads(options: {
  readonly result: ExecutionResult;
  readonly deferred: Deferred;
  readonly form: IncrementalForm;
  readonly onFailure: (error: unknown) => void;
}): AsyncGenerator<Payload, void, void> {
  const { result, deferred, form, onFailure } = options;
  const wording = WORDINGS[form];
  const awaited = new Map(deferred.pending.map((part) => [part.id, part]));
  yield { ...wording.first(result, deferred.pending), hasNext: awaited.size > 0 };
  try {
    for await (const part of deferred.parts) {
      const known = awaited.get(part.id);
      if (!known) continue;
      awaited.delete(part.id);
      for (const inner of part.pending) awaited.set(inner.id, inner);
      yield { ...wording.part(part, known), hasNext: awaited.size > 0 };
    }
  } catch (error) {
    onFailure(error);
  }
  if (awaited.size > 0) yield { ...wording.failed([...awaited.values()], [BROKEN_OFF]), hasNext: false };
}
