import { describe, expect, it } from 'vitest';
import { untrustedReason } from '../../lib/untrusted-certificate.ts';

const refused = (code: string) => Object.assign(new Error('refused'), { code });

describe('why a certificate was refused', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'has ended'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'is of an authority that is not known here'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another name'],
    ['ECONNREFUSED', null],
    ['constructor', null],
    ['', null],
  ])('%s: %j', (code, reason) => {
    expect(untrustedReason(refused(code))).toBe(reason);
  });

  it('is found where clients and drivers hide it', () => {
    const inner = refused('CERT_HAS_EXPIRED');
    const driver = Object.assign(new Error('selection'), {
      reason: { servers: new Map([['db:27017', { error: new Error('network', { cause: inner }) }]]) },
    });
    for (const error of [
      new TypeError('fetch failed', { cause: inner }),
      new AggregateError([refused('ECONNREFUSED'), inner]),
      driver,
      new Error('twice', { cause: driver }),
    ])
      expect(untrustedReason(error)).toBe('has ended');
  });

  it('is none for what is no error, and for an error that is its own cause', () => {
    const circle: Error & { cause?: unknown } = new Error('round');
    circle.cause = circle;
    for (const value of [null, undefined, 'text', {}, new Error('other'), circle])
      expect(untrustedReason(value)).toBeNull();
  });
});
