import type { ServerResponse } from 'node:http';
import type { Encoding } from '../compression.ts';
import type { IncrementalForm } from '../negotiate.ts';
import { createBodyWriter } from './body-writer.ts';
import type { Payload } from './payloads.ts';

/** What the content type says besides: clients that know several forms read the answer by it. */
const PARAMETER: Readonly<Record<IncrementalForm, string>> = {
  '20220824': 'deferSpec=20220824',
  'v0.2': 'incrementalSpec=v0.2',
};

const PART_HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n';

/** How a multipart answer is sent. */
export interface MultipartOptions {
  readonly form: IncrementalForm;
  readonly encoding: Encoding | null;
  readonly drainTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends payloads as `multipart/mixed` (RFC 2046 §5.1), each as soon as it is there. A part is written together with the
 * delimiter after it: clients take a part as whole when they see that. The payloads end early when the client goes.
 */
export async function sendMultipart(
  response: ServerResponse,
  payloads: AsyncIterable<Payload>,
  { form, encoding, drainTimeoutMs, headers }: MultipartOptions,
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, {
    ...headers,
    'content-type': `multipart/mixed; boundary="-"; ${PARAMETER[form]}`,
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
  });
  const body = createBodyWriter(response, { encoding, drainTimeoutMs });
  let opening = '\r\n---\r\n';
  for await (const payload of payloads) {
    await body.write(`${opening}${PART_HEAD}${JSON.stringify(payload)}\r\n---${payload.hasNext ? '\r\n' : '--\r\n'}`);
    if (response.destroyed) return;
    opening = '';
  }
  body.end();
}
