import { expect, it } from 'vitest';
import { isClientRefused, isServerUntrusted } from '../../events/tls-failures.ts';

it.each<[unknown, boolean, boolean]>([
  ['CERT_HAS_EXPIRED', true, false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', true, false],
  ['SELF_SIGNED_CERT_IN_CHAIN', true, false],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false, true],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', false, true],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', false, true],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false, false],
  ['ECONNREFUSED', false, false],
  [42, false, false],
  [undefined, false, false],
])('tells of %s whose certificate it is about', (code, untrusted, refused) => {
  expect([isServerUntrusted(code), isClientRefused(code)]).toEqual([untrusted, refused]);
});
