import { describe, expect, it } from 'vitest';
import { authenticateWith } from '../../../gateway/serve/authenticate.ts';

const IDENTITY = { subject: 's', tenant: 'acme', roles: [], scopes: [], expiresAt: 0, tokenId: null };
const authenticate = async (token: string) => ({ ...IDENTITY, subject: token });

describe('authenticateWith', () => {
  it('hands the bearer token over', async () => {
    expect((await authenticateWith(authenticate, ['Host', 'x', 'Authorization', 'Bearer abc']))?.subject).toBe('abc');
  });

  it.each([
    ['no Authorization header', ['Host', 'x']],
    ['another scheme', ['Authorization', 'Basic abc']],
    ['no token', ['Authorization', 'Bearer ']],
    ['two Authorization headers', ['Authorization', 'Bearer abc', 'authorization', 'Bearer abc']],
  ])('refuses %s with UNAUTHENTICATED', async (_, rawHeaders) => {
    await expect(authenticateWith(authenticate, rawHeaders)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('lets anyone in as nobody where nobody is asked for', async () => {
    expect(await authenticateWith(undefined, ['Authorization', 'Bearer abc'])).toBeNull();
  });
});
