import type { GraphQLFormattedError } from 'graphql';
import { toResponseName } from '../plan/data-key.ts';
import type { ResponsePath } from './targets.ts';

/** The errors of one execution, and which places of the answer they explain. */
export interface ErrorLog {
  readonly errors: readonly GraphQLFormattedError[];
  /** Whether more are dropped. */
  readonly isFull: boolean;
  /** The path may be in keys of the plan; it is kept in response names. */
  add(error: GraphQLFormattedError): void;
  /** Whether an error at, above or below `path` says already why there is nothing at `path`. */
  explains(path: ResponsePath): boolean;
}

/** More errors than this help nobody and let one broken subgraph blow up the answer; the data stays whole. */
const ERROR_LIMIT = 100;

/** An empty log. Paths are indexed, so that 100,000 nulls do not cost 100,000 scans. */
export function createErrorLog(): ErrorLog {
  const errors: GraphQLFormattedError[] = [];
  const full = new Set<string>();
  const prefixes = new Set<string>();
  return {
    errors,
    get isFull() {
      return errors.length >= ERROR_LIMIT;
    },
    add(error) {
      if (errors.length >= ERROR_LIMIT) return;
      const path = (error.path ?? []).map(toResponseName);
      errors.push({ ...error, path });
      const keys = keysOf(path);
      for (const key of keys) prefixes.add(key);
      const last = keys.at(-1);
      if (last !== undefined) full.add(last);
    },
    explains(path) {
      const keys = keysOf(path);
      const last = keys.at(-1);
      return (last !== undefined && prefixes.has(last)) || keys.some((key) => full.has(key));
    },
  };
}

/** Every prefix of a path but the empty one, as text. */
function keysOf(path: ResponsePath): string[] {
  const keys: string[] = [];
  let key = '';
  for (const part of path) {
    key += `\0${part}`;
    keys.push(key);
  }
  return keys;
}
