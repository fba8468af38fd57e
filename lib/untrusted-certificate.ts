/** Codes by which OpenSSL and Node refuse a certificate. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'is of an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is of an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is of an authority that is not known here',
  SELF_SIGNED_CERT_IN_CHAIN: 'is of an authority that is not known here',
  CERT_SIGNATURE_FAILURE: 'is of an authority that is not known here',
  CERT_UNTRUSTED: 'is of an authority that is not known here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by nobody but itself',
  CERT_HAS_EXPIRED: 'has ended',
  CERT_NOT_YET_VALID: 'has not begun',
  CERT_REVOKED: 'was revoked',
  INVALID_PURPOSE: 'is not one for servers',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
};

/**
 * Why the other side's certificate was refused ("has ended"), when that is what made a connection fail; looked for in the
 * error, its causes, and what else drivers wrap it in. Null for any other failure.
 */
export function untrustedReason(error: unknown, depth = 6): string | null {
  if (!(error instanceof Error) || depth === 0) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (Object.hasOwn(UNTRUSTED, code)) return UNTRUSTED[code] ?? null;
  for (const inner of innerErrors(error)) {
    const reason = untrustedReason(inner, depth - 1);
    if (reason) return reason;
  }
  return null;
}

/** MongoDB's driver keeps them with the description of each server: `reason.servers.get(address).error`. */
function innerErrors(error: Error): unknown[] {
  const { cause, reason } = error as {
    cause?: unknown;
    reason?: { servers?: ReadonlyMap<string, { error?: unknown }> };
  };
  const ofServers = reason?.servers instanceof Map ? [...reason.servers.values()].map((server) => server.error) : [];
  const several = error instanceof AggregateError ? error.errors : [];
  return [cause, ...ofServers, ...several];
}
