import { type DocumentNode, parse } from 'graphql';
import { AppError } from '../../lib/errors.ts';

/** Reads supergraph SDL. AppError SUPERGRAPH_INVALID where it is not GraphQL. */
export function parseSupergraph(sdl: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (cause) {
    throw invalidSupergraph('is not GraphQL SDL', cause);
  }
}

/** SUPERGRAPH_INVALID: what is wrong, and the reason the cause gives. */
export function invalidSupergraph(what: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('SUPERGRAPH_INVALID', `The supergraph ${what}: ${reason}`, { cause });
}
