import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireInbox } from '../../store/inbox.ts';
import type { Store } from '../../store/store.ts';
import { openTestStore } from '../support/test-store.ts';

describe('the inbox', () => {
  let store: Store;
  const claim = (consumer: string, tenant: string, id: string) =>
    store.transaction((session) => store.inbox.claim(session, consumer, tenant, id));

  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  it('is true once for a consumer, a tenant and an event, and false ever after', async () => {
    expect([await claim('c', 'acme', 'e1'), await claim('c', 'acme', 'e1'), await claim('c', 'acme', 'e1')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['another consumer', 'd', 'acme', 'e2'],
    ['another tenant', 'c', 'globex', 'e2'],
    ['another event', 'c', 'acme', 'e3'],
    ['parts that only join to the same text', 'c","acme', '', 'e2'],
  ])('does not mix up %s', async (_, consumer, tenant, id) => {
    await claim('c', 'acme', 'e2');
    expect(await claim(consumer, tenant, id)).toBe(true);
  });

  it('forgets the claim of a transaction that failed', async () => {
    const attempt = store.transaction(async (session) => {
      await store.inbox.claim(session, 'c', 'acme', 'e4');
      throw new Error('the effect failed');
    });
    await expect(attempt).rejects.toThrow('the effect failed');
    expect(await claim('c', 'acme', 'e4')).toBe(true);
  });

  it('is true for exactly one of many that claim at once', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim('c', 'acme', 'e5')));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it('can be made to expire', async () => {
    await expireInbox(store.connection, 86_400);
    expect(await store.connection.collection('inbox').indexes()).toContainEqual(
      expect.objectContaining({ key: { at: 1 }, expireAfterSeconds: 86_400 }),
    );
  });
});
