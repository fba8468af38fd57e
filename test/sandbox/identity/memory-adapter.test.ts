import { describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../../lib/clock.ts';
import { createMemoryAdapterFactory } from '../../../sandbox/identity/memory-adapter.ts';

function setUp() {
  const clock = createFrozenClock(1_000_000);
  return { clock, adapter: createMemoryAdapterFactory(clock) };
}

describe('createMemoryAdapterFactory', () => {
  it('keeps an entry for its lifetime, per model', async () => {
    const { clock, adapter } = setUp();
    await adapter('Session').upsert('one', { accountId: 'ada' }, 60);
    expect(await adapter('Session').find('one')).toEqual({ accountId: 'ada' });
    expect(await adapter('Grant').find('one')).toBeUndefined();
    clock.advance(60_000);
    expect(await adapter('Session').find('one')).toBeUndefined();
  });

  it('finds a session by its uid, and no other model', async () => {
    const { adapter } = setUp();
    await adapter('Session').upsert('one', { uid: 'u' }, 60);
    await adapter('Interaction').upsert('two', { uid: 'v' }, 60);
    expect(await adapter('Session').findByUid('u')).toEqual({ uid: 'u' });
    expect(await adapter('Session').findByUid('v')).toBeUndefined();
  });

  it('marks a code as used, in seconds', async () => {
    const { adapter } = setUp();
    const codes = adapter('AuthorizationCode');
    await codes.upsert('code', { grantId: 'g' }, 60);
    await codes.consume('code');
    await codes.consume('absent');
    expect(await codes.find('code')).toEqual({ grantId: 'g', consumed: 1_000 });
  });

  it('takes back what a grant gave, and leaves the sign-in that names it', async () => {
    const { adapter } = setUp();
    await adapter('AuthorizationCode').upsert('code', { grantId: 'g' }, 60);
    await adapter('RefreshToken').upsert('refresh', { grantId: 'g' }, 60);
    await adapter('RefreshToken').upsert('other', { grantId: 'h' }, 60);
    await adapter('Interaction').upsert('sign-in', { grantId: 'g' }, 60);
    await adapter('RefreshToken').revokeByGrantId('g');
    await adapter('RefreshToken').revokeByGrantId('unknown');
    expect(await adapter('AuthorizationCode').find('code')).toBeUndefined();
    expect(await adapter('RefreshToken').find('refresh')).toBeUndefined();
    expect(await adapter('RefreshToken').find('other')).toEqual({ grantId: 'h' });
    expect(await adapter('Interaction').find('sign-in')).toEqual({ grantId: 'g' });
  });

  it('forgets what is destroyed, and shares nothing with another factory', async () => {
    const { adapter } = setUp();
    await adapter('Grant').upsert('one', { a: 1 }, 60);
    expect(await setUp().adapter('Grant').find('one')).toBeUndefined();
    await adapter('Grant').destroy('one');
    expect(await adapter('Grant').find('one')).toBeUndefined();
  });
});
