import { errors } from 'jose';
import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';
import { fetchJson } from './fetch-json.ts';
import { type FindKey, type KeySet, toKeySet } from './key-set.ts';
import type { Logger } from './logger.ts';

/** Where an identity provider publishes its keys: at a URL, or as its discovery document says (OpenID Connect Discovery §4). */
export type KeyLocation = { readonly jwksUri: string } | { readonly issuer: string };

/** How keys are fetched. */
export interface RemoteKeysOptions {
  readonly location: KeyLocation;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two fetches, whatever tokens ask for. @default 30 000 */
  readonly cooldownMs?: number;
  /** Milliseconds after which keys are fetched again, beside the requests. @default 600 000 */
  readonly maxAgeMs?: number;
  /** Milliseconds one fetch may take. @default 5 000 */
  readonly timeoutMs?: number;
}

/** Without any keys nothing can be accepted, so the next try is soon. */
const FIRST_COOLDOWN_MS = 2_000;

async function locate(location: KeyLocation, options: { fetch: typeof fetch; timeoutMs: number }): Promise<string> {
  if ('jwksUri' in location) return location.jwksUri;
  const base = location.issuer.replace(/\/$/, '');
  const document = await fetchJson(`${base}/.well-known/openid-configuration`, options);
  const { issuer, jwks_uri } = document as { issuer?: unknown; jwks_uri?: unknown };
  if (issuer !== location.issuer || typeof jwks_uri !== 'string')
    throw new Error('the discovery document is of another issuer or names no jwks_uri');
  return jwks_uri;
}

/**
 * Finds keys in a set fetched from the identity provider, at most once per cooldown and one fetch at a time.
 * An unknown key id makes it look again; an outage keeps the keys it has.
 * AppError IDENTITY_PROVIDER_UNAVAILABLE while there are none yet; jose's JWKSNoMatchingKey when the set has no such key.
 */
export function createRemoteKeys(options: RemoteKeysOptions): FindKey {
  const { clock, logger, cooldownMs = 30_000, maxAgeMs = 600_000, timeoutMs = 5_000 } = options;
  const fetching = { fetch: options.fetch, timeoutMs };
  let keys: KeySet | null = null;
  let loadedAt = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function load(): Promise<void> {
    try {
      keys = toKeySet(await fetchJson(await locate(options.location, fetching), fetching));
      loadedAt = clock.now();
    } catch (error) {
      logger.warn({ err: error, kept: keys !== null }, 'the keys of the identity provider could not be fetched');
    } finally {
      running = null;
    }
  }

  function refresh(): Promise<void> {
    const wait = keys ? cooldownMs : Math.min(cooldownMs, FIRST_COOLDOWN_MS);
    if (!running && clock.now() - triedAt >= wait) {
      triedAt = clock.now();
      running = load();
    }
    return running ?? Promise.resolve();
  }

  return async (header) => {
    if (!keys) await refresh();
    if (!keys)
      throw new AppError('IDENTITY_PROVIDER_UNAVAILABLE', 'Tokens cannot be checked right now; try again in a moment.');
    if (clock.now() - loadedAt >= maxAgeMs) void refresh();
    const known = await keys.find(header);
    if (known) return known;
    await refresh();
    const found = await keys.find(header);
    if (!found) throw new errors.JWKSNoMatchingKey();
    return found;
  };
}
