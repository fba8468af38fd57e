/** Node's codes for a server's certificate that does not hold. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Alerts by which a server says that it wants a certificate of ours, or another one. RFC 8446, section 6.2; OpenSSL names them. */
const REFUSED = /^ERR_SSL_\w*ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/;

/** Whether the `code` of a failed connection says that we do not trust the server's certificate. */
export function isServerUntrusted(code: unknown): boolean {
  return typeof code === 'string' && UNTRUSTED.has(code);
}

/** Whether the `code` of a failed connection says that the server does not take our certificate, or misses one. */
export function isClientRefused(code: unknown): boolean {
  return typeof code === 'string' && REFUSED.test(code);
}
