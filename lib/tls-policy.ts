import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/** What we serve with, in our order of preference: authenticated encryption with forward secrecy only. docs/tls.md has the table. */
export const TLS_CIPHERS = {
  'TLS 1.3': ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  'TLS 1.2': [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ],
} as const;

/** Groups of the key exchange, in our order. */
export const TLS_GROUPS = ['X25519', 'P-256', 'P-384'] as const;

/** Seconds for which a session may be resumed. */
export const TLS_SESSION_S = 3_600;

/** Without SHA-1, which OpenSSL still takes in TLS 1.2. */
const SIGNATURES = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
];

/** Keys and signatures of less than 112 bits (RSA under 2048, SHA-1) are refused: OpenSSL, SSL_CTX_set_security_level(3). */
const SECURITY_LEVEL = '@SECLEVEL=2';

/**
 * How every server of ours speaks TLS, but for certificate and key: 1.2 and 1.3, no CBC, no RSA key exchange, no renegotiation;
 * ChaCha20 goes first for a client that puts it first, for it has no AES in hardware. Mozilla's "intermediate" without DHE.
 */
export const TLS_POLICY = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [...TLS_CIPHERS['TLS 1.3'], ...TLS_CIPHERS['TLS 1.2'], SECURITY_LEVEL].join(':'),
  ecdhCurve: TLS_GROUPS.join(':'),
  sigalgs: SIGNATURES.join(':'),
  honorCipherOrder: true,
  sessionTimeout: TLS_SESSION_S,
  secureOptions:
    constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_PRIORITIZE_CHACHA,
} as const satisfies SecureContextOptions;
