import type { Config } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { loadOrCreateKey } from '../lib/key-file.ts';
import { type PrivateSigningKey, parseSigningKey } from '../lib/signing-key.ts';

/**
 * The key by which the gateway tells subgraphs who acts: `SUBGRAPH_IDENTITY_KEY`, or one made in the data folder.
 * AppError CONFIG_INVALID in production without the variable: processes apart would each make their own.
 */
export async function subgraphIdentityKey(config: Config): Promise<PrivateSigningKey> {
  if (config.SUBGRAPH_IDENTITY_KEY) return parseSigningKey(config.SUBGRAPH_IDENTITY_KEY, 'SUBGRAPH_IDENTITY_KEY');
  if (config.NODE_ENV === 'production') {
    throw new AppError('CONFIG_INVALID', 'SUBGRAPH_IDENTITY_KEY must be a private Ed25519 key as JWK in production.', {
      extensions: { variable: 'SUBGRAPH_IDENTITY_KEY' },
    });
  }
  return loadOrCreateKey({ dataDir: config.DATA_DIR, name: 'subgraph-identity' });
}

/**
 * What signs the cursors of subscriptions, so that a client resumes after a restart: `CURSOR_SECRET`, or a secret made in
 * the data folder. Gateways that share clients must share it.
 */
export async function cursorSecret(config: Config): Promise<string> {
  return config.CURSOR_SECRET ?? (await loadOrCreateKey({ dataDir: config.DATA_DIR, name: 'cursor' })).d;
}
