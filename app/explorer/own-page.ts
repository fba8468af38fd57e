import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { AppError } from '../../lib/errors.ts';
import { isOwnHost } from '../../lib/own-host.ts';

/**
 * Lets only a page of this very server through: not another site's script, form or image, and not a site whose name was made
 * to point here (DNS rebinding). The custom header alone keeps other origins out, for it needs a preflight that is never granted;
 * the others hold should a browser forget it. AppError FORBIDDEN.
 */
export function requireOwnPage({ headers, socket }: IncomingMessage, host: string): void {
  const here = isOwnHost(headers.host, host);
  const asked = headers['x-tributary-explorer'] === '1';
  const site = headers['sec-fetch-site'];
  const sameSite = site === undefined || site === 'same-origin';
  const sameOrigin = headers.origin === undefined || headers.origin === `${schemeOf(socket)}://${headers.host}`;
  if (here && asked && sameSite && sameOrigin) return;
  throw new AppError('FORBIDDEN', 'Tokens of demo people are for the explorer of this server only.');
}

function schemeOf(socket: Socket): string {
  return socket instanceof TLSSocket ? 'https' : 'http';
}
