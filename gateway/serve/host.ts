import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** AppError BAD_REQUEST for two Host headers, and for none in HTTP/1.1: two parties could act on different ones (RFC 9112 §3.2). */
export function requireOneHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) return;
  throw new Refusal('BAD_REQUEST', 'A request names one host.', { connection: 'close' });
}
