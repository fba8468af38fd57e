import { expect, it } from 'vitest';
import { isLocked, isMissing, patiently, toBusError } from '../../../events/rabbitmq/failure.ts';
import { AppError } from '../../../lib/errors.ts';

const failure = (message: string, code?: string | number) => Object.assign(new Error(message), { code });

it.each([
  [failure('connect ECONNREFUSED', 'ECONNREFUSED'), 'BUS_UNAVAILABLE'],
  [failure('Channel ended, no reply will be forthcoming'), 'BUS_UNAVAILABLE'],
  [failure('Operation failed', 404), 'BUS_UNAVAILABLE'],
  [failure('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "…"'), 'BUS_UNAUTHORIZED'],
  [failure('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'), 'BUS_UNAUTHORIZED'],
  [failure('alert', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'BUS_UNAUTHORIZED'],
  [failure('unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'BUS_UNTRUSTED'],
  [failure('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'BUS_UNTRUSTED'],
  [failure('certificate has expired', 'CERT_HAS_EXPIRED'), 'BUS_UNTRUSTED'],
  [failure('altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'BUS_UNTRUSTED'],
  [new AppError('EVENT_INVALID', 'as it is'), 'EVENT_INVALID'],
])('%s is %s', (error, code) => {
  expect(toBusError(error)).toMatchObject({ code });
});

it('knows what is not there from what another has', () => {
  expect([isMissing(failure('', 404)), isMissing(failure('', 405)), isLocked(failure('', 405))]).toEqual([
    true,
    false,
    true,
  ]);
});

it('tries again while nothing answers, and not where that cannot help', async () => {
  let calls = 0;
  const run = async () => {
    calls += 1;
    if (calls < 3) throw failure('connect ECONNREFUSED', 'ECONNREFUSED');
    throw new AppError('EVENT_INVALID', 'no such topic');
  };
  await expect(patiently(run)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  expect(calls).toBe(3);
});
