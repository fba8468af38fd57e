import type { Adapter, AdapterPayload } from 'oidc-provider';
import { type BoundedCache, createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Clock } from '../../lib/clock.ts';

/** Sessions, codes and grants at one time; more people do not develop on one machine. */
const LIMIT = 5_000;

/** What a grant gives and its end takes back. A sign-in under way names the grant before it, and must outlive that. */
const GIVEN_BY_GRANT = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/** What is kept beside the entries: who is found by `uid`, and what a grant gave. */
interface Memory {
  readonly entries: BoundedCache<Entry>;
  readonly sessions: BoundedCache<string>;
  readonly grants: BoundedCache<Set<string>>;
}

function createAdapter(model: string, memory: Memory, clock: Clock): Adapter {
  const { entries, sessions, grants } = memory;
  const keyOf = (id: string) => `${model}:${id}`;

  async function find(id: string): Promise<AdapterPayload | undefined> {
    const entry = entries.get(keyOf(id));
    return entry && clock.now() < entry.expiresAt ? entry.payload : undefined;
  }

  return {
    find,
    async upsert(id, payload, expiresIn) {
      const key = keyOf(id);
      entries.set(key, { payload, expiresAt: clock.now() + expiresIn * 1_000 });
      if (model === 'Session' && payload.uid) sessions.set(payload.uid, id);
      const { grantId } = payload;
      if (grantId && GIVEN_BY_GRANT.has(model)) grants.set(grantId, (grants.get(grantId) ?? new Set()).add(key));
    },
    async findByUid(uid) {
      const id = sessions.get(uid);
      return id === undefined ? undefined : find(id);
    },
    // The device flow is off: nothing has a user code.
    findByUserCode: async () => undefined,
    async consume(id) {
      const payload = await find(id);
      if (payload) payload.consumed = Math.floor(clock.now() / 1_000);
    },
    destroy: async (id) => entries.delete(keyOf(id)),
    async revokeByGrantId(grantId) {
      for (const key of grants.get(grantId) ?? []) entries.delete(key);
      grants.delete(grantId);
    },
  };
}

/**
 * Where oidc-provider keeps sessions, codes and grants: in memory, bounded, one memory per factory; a restart signs everybody out.
 * The contract is oidc-provider's `example/my_adapter.js`.
 */
export function createMemoryAdapterFactory(clock: Clock): (model: string) => Adapter {
  const memory: Memory = {
    entries: createBoundedCache(LIMIT),
    sessions: createBoundedCache(LIMIT),
    grants: createBoundedCache(LIMIT),
  };
  return (model) => createAdapter(model, memory, clock);
}
