import { expect, it } from 'vitest';
import { toBusError } from '../../../events/kafka/bus-error.ts';
import { AppError } from '../../../lib/errors.ts';

/** As kafkajs makes them; its types leave these fields out. */
const wrapped = (cause: Error) => new Error('gave up', { cause });
const connection = (code: string) => Object.assign(new Error('Connection error'), { code });
const signIn = Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' });
const protocol = (type: string) => Object.assign(new Error(type), { type });

it.each<[string, unknown, string]>([
  ['a refused connection', connection('ECONNREFUSED'), 'BUS_UNAVAILABLE'],
  ['an expired certificate', connection('CERT_HAS_EXPIRED'), 'BUS_UNTRUSTED'],
  ['a certificate for another name, given up on', wrapped(connection('ERR_TLS_CERT_ALTNAME_INVALID')), 'BUS_UNTRUSTED'],
  ['a missing certificate of ours', wrapped(connection('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE')), 'BUS_UNAUTHORIZED'],
  ['a wrong password', signIn, 'BUS_UNAUTHORIZED'],
  ['a topic we may not use', wrapped(protocol('TOPIC_AUTHORIZATION_FAILED')), 'BUS_UNAUTHORIZED'],
  ['a mechanism the broker has not', protocol('UNSUPPORTED_SASL_MECHANISM'), 'BUS_UNAUTHORIZED'],
  ['a topic that is gone', wrapped(protocol('UNKNOWN_TOPIC_OR_PARTITION')), 'EVENT_INVALID'],
  ['an error of ours', new AppError('CONFLICT', 'as it is'), 'CONFLICT'],
  ['anything else', 'a text is thrown, too', 'BUS_UNAVAILABLE'],
])('makes of %s the right code', (_, failure, code) => {
  expect(toBusError(failure)).toMatchObject({ code });
});
