import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../lib/errors.ts';
import type { Failure } from './failure.ts';
import { sendFailure } from './respond.ts';
import { refuseUpgrade } from './upgrade.ts';

const ANSWERS: Readonly<Record<string, readonly [number, ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'BAD_REQUEST', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMEOUT', 'The request took too long to arrive.'],
};
/** A handshake that failed, and what is no TLS on a port that speaks nothing else: an answer could not be read. */
const NOT_TLS = /^(ERR_SSL_|ERR_TLS_|EPROTO)/;
const MALFORMED = [400, 'BAD_REQUEST', 'The request is not HTTP.'] as const;

/** Answers, in JSON, what Node's parser could not make a request of. */
export function onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  const code = error.code ?? '';
  if (code === 'ECONNRESET' || NOT_TLS.test(code) || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, meaning, message] = ANSWERS[code] ?? MALFORMED;
  const failure: Failure = { status, errors: [{ message, extensions: { code: meaning } }], headers: {} };
  refuseUpgrade(socket, failure);
}

/** Answers `Expect` of anything but `100-continue` (RFC 9110 §10.1.1). */
export function onExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const error = { message: 'That expectation cannot be met.', extensions: { code: 'BAD_REQUEST' } };
  sendFailure(response, { status: 417, errors: [error], headers: { connection: 'close' } });
}
