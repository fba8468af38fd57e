import { AppError } from '../../lib/errors.ts';
import type { JsonRecord } from './record.ts';

/** Why fields did not arrive: an error without its path, which is known only when the answer is shaped. */
export interface Failure {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Failures by object and response name, so that each field the client asked for is told why it is null, and no other. */
export interface Failures {
  /** Whether nothing has failed. */
  readonly empty: boolean;
  record(target: JsonRecord, keys: ReadonlySet<string>, failure: Failure): void;
  find(target: JsonRecord, key: string): Failure | null;
}

/** An empty register. */
export function createFailures(): Failures {
  const byTarget = new Map<JsonRecord, { keys: ReadonlySet<string>; failure: Failure }[]>();
  return {
    get empty() {
      return byTarget.size === 0;
    },
    record(target, keys, failure) {
      const known = byTarget.get(target);
      // An object that occurs in many places is told the same many times.
      if (known?.at(-1)?.failure === failure && known.at(-1)?.keys === keys) return;
      if (known) known.push({ keys, failure });
      else byTarget.set(target, [{ keys, failure }]);
    },
    find: (target, key) => byTarget.get(target)?.find(({ keys }) => keys.has(key))?.failure ?? null,
  };
}

/** A thrown error as a failure of `subgraph`. Only an AppError's own words are shown. */
export function toFailure(error: unknown, subgraph: string): Failure {
  if (error instanceof AppError)
    return { message: error.message, extensions: { ...error.extensions, code: error.code, service: subgraph } };
  return { message: 'Something failed inside.', extensions: { code: 'INTERNAL', service: subgraph } };
}
