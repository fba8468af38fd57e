import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Authenticate } from '../options.ts';

const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * Step 2: who asks, before any GraphQL is looked at. Null without `authenticate`. AppError UNAUTHENTICATED, always the same, for
 * no token, another scheme or a token that does not hold.
 */
export async function authenticateWith(
  authenticate: Authenticate | undefined,
  authorization: string | undefined,
): Promise<Identity | null> {
  if (!authenticate) return null;
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new AppError('UNAUTHENTICATED', 'A valid bearer token is needed.');
  return authenticate(token);
}
