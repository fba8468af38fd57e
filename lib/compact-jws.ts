/** Longest token looked at, in characters: 8 KiB, what common servers allow one header line. */
export const MAX_TOKEN_LENGTH = 8_192;

/** Base64url without padding whose unused last bits are zero: the one spelling of its bytes (RFC 4648 §3.5). */
const PART = '(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9_-]{4})';
const COMPACT = new RegExp(`^${PART}\\.${PART}\\.${PART}$`);

/**
 * Whether a text is a signed JWS in compact form (RFC 7515 §7.1) in its one canonical spelling.
 * Libraries forgive padding, spaces and stray bits; then one token has many texts, and whatever is keyed by text
 * (a cache, a deny-list) can be dodged.
 */
export function isCompactJws(text: string, maxLength: number = MAX_TOKEN_LENGTH): boolean {
  return text.length <= maxLength && COMPACT.test(text);
}

/** The three parts of a text that `isCompactJws` accepts, and the bytes the signature covers. */
export function splitJws(text: string): { header: string; payload: string; signature: string; signed: string } {
  const first = text.indexOf('.');
  const last = text.lastIndexOf('.');
  return {
    header: text.slice(0, first),
    payload: text.slice(first + 1, last),
    signature: text.slice(last + 1),
    signed: text.slice(0, last),
  };
}
