import { unauthenticated } from './unauthenticated.ts';

/**
 * The bearer token of a request (RFC 6750 §2.1), or null when it has no Authorization header. Takes `rawHeaders` of node:http:
 * the parsed headers hide that there were two, and two parties could then act on different ones.
 * AppError UNAUTHENTICATED for two headers or another scheme. Tokens in the query string are never read (RFC 9700 §4.3.2).
 */
export function bearerToken(rawHeaders: readonly string[]): string | null {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && isAuthorization(rawHeaders[index - 1]));
  const [value] = values;
  if (value === undefined) return null;
  const token = /^bearer +([^ ]+) *$/i.exec(value)?.[1];
  if (values.length > 1 || token === undefined) throw unauthenticated();
  return token;
}

function isAuthorization(name: string | undefined): boolean {
  return name?.toLowerCase() === 'authorization';
}
