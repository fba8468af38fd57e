import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readClientTls } from '../../lib/client-tls.ts';
import { createFrozenClock, systemClock } from '../../lib/clock.ts';
import { readKeyPair } from '../../lib/tls-files.ts';
import { createAuthority, writeFiles } from '../support/certificates.ts';

describe('reading certificates and keys', () => {
  let files: Awaited<ReturnType<typeof issueAll>>;
  async function issueAll() {
    const authority = await createAuthority();
    const [own, other] = [await authority.issue(), await authority.issue()];
    return writeFiles({ ca: authority.cert, cert: own.cert, key: own.key, otherKey: other.key, text: 'no PEM' });
  }
  beforeAll(async () => {
    files = await issueAll();
  });
  afterAll(() => files.remove());
  const read = (cert: string, key: string, clock = systemClock) =>
    readKeyPair({ cert: { variable: 'TLS_CERT', path: cert }, key: { variable: 'TLS_KEY', path: key } }, clock);

  it('takes a certificate with its key and says when it ends', () => {
    const { cert, key, validTo } = read(files.paths.cert, files.paths.key);
    expect(cert).toMatch(/^-----BEGIN CERTIFICATE/);
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY/);
    expect(validTo).toBeGreaterThan(Date.now());
  });

  it.each([
    ['a missing file', 'absent', 'key', 'TLS_CERT', /can be read/],
    ['no certificate', 'text', 'key', 'TLS_CERT', /a PEM certificate/],
    ['no key', 'cert', 'text', 'TLS_KEY', /a PEM private key/],
    ['another certificate’s key', 'cert', 'otherKey', 'TLS_KEY', /not the private key of TLS_CERT/],
  ] as const)('refuses %s with the variable', (_, cert, key, variable, message) => {
    const path = (name: string) => files.paths[name as keyof typeof files.paths] ?? '/nonexistent/file';
    expect(() => read(path(cert), path(key))).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        extensions: { variable },
        message: expect.stringMatching(message),
      }),
    );
  });

  it.each([
    ['has ended', 2, /ended/],
    ['has not begun', -2, /begins/],
  ])('refuses a certificate that %s', (_, days, message) => {
    const clock = createFrozenClock(Date.now() + days * 24 * 3_600_000);
    expect(() => read(files.paths.cert, files.paths.key, clock)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('gives a client its authorities and its own certificate, each where it is set', () => {
    const { ca, cert, key } = files.paths;
    expect(readClientTls('KAFKA', {}, systemClock)).toEqual({});
    expect(Object.keys(readClientTls('KAFKA', { ca }, systemClock))).toEqual(['ca']);
    expect(Object.keys(readClientTls('KAFKA', { ca, cert, key }, systemClock))).toEqual(['ca', 'cert', 'key']);
    expect(() => readClientTls('KAFKA', { cert }, systemClock)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', extensions: { variable: 'KAFKA_KEY' } }),
    );
  });
});
