import type { IncomingMessage } from 'node:http';
import { AppError } from '../../lib/errors.ts';

/** The whole body of a request. AppError PAYLOAD_TOO_LARGE as soon as it is over the limit, BAD_REQUEST when it breaks off. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The socket must outlive the reading: it carries the refusal.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new AppError('PAYLOAD_TOO_LARGE', `The body is over ${limitBytes} bytes.`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('BAD_REQUEST', 'The body broke off.', { cause });
  }
  return Buffer.concat(chunks);
}
