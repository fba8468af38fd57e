import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** Whether a request has one Host header, or in HTTP/1.0 none: of two, two parties could act on different ones (RFC 9112 §3.2). */
export function namesOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

/** AppError BAD_REQUEST unless the request names one host. */
export function requireOneHost(request: IncomingMessage): void {
  if (!namesOneHost(request)) throw new Refusal('BAD_REQUEST', 'A request names one host.', { connection: 'close' });
}
