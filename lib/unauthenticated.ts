import { AppError } from './errors.ts';

/** The one refusal of a caller: it never says why, its cause does. */
export function unauthenticated(cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', 'A valid access token is required.', { cause });
}
