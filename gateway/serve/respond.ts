import type { ServerResponse } from 'node:http';
import type { GatewayTls } from '../options.ts';
import type { Failure } from './failure.ts';

/** Headers of every answer of ours: nothing of it is a page, nothing of it may be kept. */
export const JSON_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Headers that hold for mounted routes too. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const HSTS = {
  on: 'max-age=31536000',
  subdomains: 'max-age=31536000; includeSubDomains',
  off: null,
};

/** Tells browsers to come by https only, for a year (RFC 6797); for answers over https alone. */
export function strictTransport({ hsts = 'on' }: Pick<GatewayTls, 'hsts'>): Record<string, string> {
  const value = HSTS[hsts];
  return value === null ? {} : { 'strict-transport-security': value };
}

/** Answers with JSON; nothing happens when the client has gone or an answer has begun. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  { type = 'application/json', headers = {} }: { type?: string; headers?: Readonly<Record<string, string>> } = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  response.writeHead(status, {
    ...JSON_HEADERS,
    ...headers,
    'content-type': `${type}; charset=utf-8`,
    'content-length': bytes.byteLength,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** Answers with a failure, in a GraphQL result's shape. */
export function sendFailure(response: ServerResponse, { status, errors, headers }: Failure, type?: string): void {
  sendJson(response, status, { errors }, { headers, ...(type === undefined ? {} : { type }) });
}
