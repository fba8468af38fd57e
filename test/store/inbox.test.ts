import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogTopics } from '../../events/catalog.ts';
import { withDeadLetters } from '../../events/dead-letter-topics.ts';
import type { AppError } from '../../lib/errors.ts';
import { expireInbox } from '../../store/inbox.ts';
import { INBOX_HORIZON_MS, requireClaimable } from '../../store/inbox-horizon.ts';
import type { Store } from '../../store/store.ts';
import { openTestStore } from '../support/test-store.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

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

  const ages = async () =>
    (await store.connection.collection('inbox').indexes()).flatMap(
      ({ expireAfterSeconds }) => expireAfterSeconds ?? [],
    );

  it('expires, after a time that can be changed', async () => {
    await expireInbox(store.connection);
    await expireInbox(store.connection);
    expect(await ages()).toEqual([INBOX_HORIZON_MS / 1_000]);
    await expireInbox(store.connection, 1_500);
    expect(await ages()).toEqual([2]);
  });
});

describe('the horizon of the inbox', () => {
  const DAY = 86_400_000;

  it('is longer than a record of any topic takes, by its dead letters and back', () => {
    for (const { name, retentionMs } of catalogTopics().flatMap(withDeadLetters))
      expect([name, INBOX_HORIZON_MS > 2 * retentionMs]).toEqual([name, true]);
    expect(INBOX_HORIZON_MS).toBe((14 + 30 + 14 + 7) * DAY);
  });

  it.each([
    ['of now', 0, 'taken'],
    ['of tomorrow, by the broker’s clock', -DAY, 'taken'],
    ['as old as one can be whose claim is surely kept', INBOX_HORIZON_MS - DAY, 'taken'],
    ['older than that', INBOX_HORIZON_MS - DAY + 1, 'TOO_LATE'],
  ])('is asked for a record %s', (_, age, outcome) => {
    const ask = () => {
      try {
        requireClaimable(NOW - age, NOW);
        return 'taken';
      } catch (error) {
        return (error as AppError).code;
      }
    };
    expect(ask()).toBe(outcome);
  });
});
