import { bearerToken } from '../../lib/bearer-token.ts';
import type { Identity } from '../../lib/identity.ts';
import { unauthenticated } from '../../lib/unauthenticated.ts';
import type { Authenticate } from '../options.ts';

/**
 * Step 2: who asks, before any GraphQL is looked at. Takes the headers as they came, so that a second Authorization header is
 * seen. Null without `authenticate`. AppError UNAUTHENTICATED, always the same, for no token, two, another scheme or a token
 * that does not hold.
 */
export async function authenticateWith(
  authenticate: Authenticate | undefined,
  rawHeaders: readonly string[],
): Promise<Identity | null> {
  if (!authenticate) return null;
  const token = bearerToken(rawHeaders);
  if (token === null) throw unauthenticated();
  return authenticate(token);
}
