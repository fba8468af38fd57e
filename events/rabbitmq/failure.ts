import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../lib/errors.ts';
import { backoffMs } from '../backoff.ts';

/** For how long a call tries again while the broker does not answer: a webhook waits for it. */
export const PATIENCE_MS = 6_000;

/** Reply codes of AMQP 0-9-1 that mean something to us. https://www.rabbitmq.com/amqp-0-9-1-reference#constants */
const NOT_FOUND = 404;
const RESOURCE_LOCKED = 405;

/** What OpenSSL and Node say of a certificate that we do not take. https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = /^(UNABLE_TO_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;
/** What a server says of ours. */
const REFUSED_BY_TLS = /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;
/** The library keeps only these words of a handshake that the broker ended: no such user, no such virtual host. */
const REFUSED = /ACCESS[-_]REFUSED|ConnectionClose|SASL mechanism/;

/** Whether the broker said that the queue, stream or exchange is not there. */
export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === NOT_FOUND;
}

/** Whether another connection has what only one can have. */
export function isLocked(error: unknown): boolean {
  return (error as { code?: unknown }).code === RESOURCE_LOCKED;
}

/** What a failure of the library is to a caller: BUS_UNAVAILABLE unless it is known to be something else. */
export function toBusError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { message, code } = error as { message?: string; code?: unknown };
  const words = `${typeof code === 'string' ? code : ''}`;
  if (UNTRUSTED.test(words))
    return new AppError('BUS_UNTRUSTED', 'The certificate of RabbitMQ is not to be trusted.', { cause: error });
  if (REFUSED_BY_TLS.test(words) || REFUSED.test(message ?? ''))
    return new AppError('BUS_UNAUTHORIZED', 'RabbitMQ refuses us: user, password, certificate or virtual host.', {
      cause: error,
    });
  return new AppError('BUS_UNAVAILABLE', 'RabbitMQ could not serve the request.', { cause: error });
}

/** Runs, and again with back-off for `PATIENCE_MS` while the broker is not there. What else goes wrong is told at once. */
export async function patiently<Result>(run: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const failure = toBusError(error);
      if (failure.code !== 'BUS_UNAVAILABLE' || performance.now() > end) throw failure;
      await wait(backoffMs(attempt, { firstMs: 100, maxMs: 1_000 }));
    }
  }
}
