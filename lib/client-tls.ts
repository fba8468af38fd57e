import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';
import { readAuthorities, readKeyPair } from './tls-files.ts';

/** What a client needs to trust a server, and to be known to it: a part of `tls.ConnectionOptions`, as PEM text. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads the PEM files of `<PREFIX>_CA`, `<PREFIX>_CERT` and `<PREFIX>_KEY`, each of them optional, the last two together.
 * AppError CONFIG_INVALID with the variable.
 */
export function readClientTls(
  prefix: string,
  paths: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined },
  clock: Clock,
): ClientTls {
  const ca = paths.ca === undefined ? {} : { ca: readAuthorities({ variable: `${prefix}_CA`, path: paths.ca }) };
  if (paths.cert === undefined && paths.key === undefined) return ca;
  const [cert, key] = [`${prefix}_CERT`, `${prefix}_KEY`];
  if (paths.cert === undefined) throw missing(cert, key);
  if (paths.key === undefined) throw missing(key, cert);
  const pair = readKeyPair(
    { cert: { variable: cert, path: paths.cert }, key: { variable: key, path: paths.key } },
    clock,
  );
  return { ...ca, cert: pair.cert, key: pair.key };
}

function missing(variable: string, given: string): AppError {
  return new AppError('CONFIG_INVALID', `${variable} is required where ${given} is set.`, { extensions: { variable } });
}
