import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signed webhook is checked by. */
export interface HmacCheck {
  /** All valid secrets, as text (never base64-decoded). */
  readonly secrets: readonly string[];
  /** What was signed, in order; bodies as the raw bytes that arrived. */
  readonly signed: readonly (string | Uint8Array)[];
  readonly encoding: 'hex' | 'base64';
  /** The signatures that came with it; one that matches is enough. */
  readonly candidates: readonly string[];
  /** @default 'sha256' */
  readonly algorithm?: 'sha256' | 'sha1';
}

/**
 * Whether one of the candidates is the HMAC of the signed parts under one of the secrets.
 * Takes as long for a wrong candidate as for a right one, compares exact text, and never throws.
 */
export function hmacMatches({ secrets, signed, encoding, candidates, algorithm = 'sha256' }: HmacCheck): boolean {
  let matches = false;
  for (const secret of secrets) {
    const hmac = createHmac(algorithm, secret);
    for (const part of signed) hmac.update(part);
    const expected = Buffer.from(hmac.digest(encoding));
    for (const candidate of candidates) matches = equalText(expected, Buffer.from(candidate)) || matches;
  }
  return matches;
}

/** Whether a moment lies within the tolerance of now, before or after. All in milliseconds. */
export function isFresh(moment: number, now: number, toleranceMs: number): boolean {
  return Number.isFinite(moment) && Math.abs(now - moment) <= toleranceMs;
}

function equalText(expected: Buffer, candidate: Buffer): boolean {
  return expected.length === candidate.length && timingSafeEqual(expected, candidate);
}
