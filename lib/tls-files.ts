import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';

/** PEM files, and the environment variables that named them. */
export interface TlsFiles {
  readonly cert: { readonly variable: string; readonly path: string };
  readonly key: { readonly variable: string; readonly path: string };
}

/** A certificate with its chain and its private key, as PEM text that `node:tls` takes. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** When the certificate ends, in milliseconds since the epoch. */
  readonly validTo: number;
}

/**
 * Reads a certificate and its key and sees that they can be used now.
 * AppError CONFIG_INVALID with the variable: a file that cannot be read, is no PEM, has ended or not begun, or does not match.
 */
export function readKeyPair({ cert, key }: TlsFiles, clock: Clock): KeyPair {
  const chain = readPem(cert);
  const certificate = parse(cert.variable, 'a PEM certificate', () => new X509Certificate(chain));
  const secret = readPem(key);
  const privateKey = parse(key.variable, 'a PEM private key without passphrase', () => createPrivateKey(secret));
  checkMatch(certificate, privateKey, { cert: cert.variable, key: key.variable });
  checkDates(certificate, cert.variable, clock.now());
  return { cert: chain, key: secret, validTo: Date.parse(certificate.validTo) };
}

/** Reads the certificates of authorities. AppError CONFIG_INVALID with the variable. */
export function readAuthorities({ variable, path }: TlsFiles['cert']): string {
  const pem = readPem({ variable, path });
  parse(variable, 'PEM certificates', () => new X509Certificate(pem));
  return pem;
}

function readPem({ variable, path }: TlsFiles['cert']): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(variable, 'must name a file that can be read', cause);
  }
}

function parse<Result>(variable: string, expected: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw invalid(variable, `must name a file with ${expected}`, cause);
  }
}

function checkMatch(certificate: X509Certificate, key: KeyObject, variables: { cert: string; key: string }): void {
  if (!certificate.checkPrivateKey(key)) throw invalid(variables.key, `is not the private key of ${variables.cert}`);
}

function checkDates(certificate: X509Certificate, variable: string, now: number): void {
  if (Date.parse(certificate.validTo) <= now)
    throw invalid(variable, `is of a certificate that ended ${certificate.validTo}`);
  if (Date.parse(certificate.validFrom) > now)
    throw invalid(variable, `is of a certificate that begins ${certificate.validFrom}`);
}

function invalid(variable: string, what: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `${variable} ${what}.`, { cause, extensions: { variable } });
}
