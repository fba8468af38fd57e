import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TLS_CIPHERS, TLS_GROUPS } from '../../lib/tls-policy.ts';
import { createWebServer, type WebServerOptions } from '../../lib/web-server.ts';
import { openTestCertificate, type TestCertificate } from '../support/test-certificate.ts';
import { until } from '../support/until.ts';

let own: TestCertificate;
let rsa: TestCertificate;
beforeAll(async () => {
  own = await openTestCertificate();
  rsa = await openTestCertificate({ authority: own.authority, issued: await own.authority.issue({ rsaBits: 2_048 }) });
});
afterAll(async () => {
  await own.close();
  await rsa.close();
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(with_ = own, options: WebServerOptions = {}): Promise<{ server: Server; port: number }> {
  const server = createWebServer(options, with_.certificate);
  server.on('request', (_request, response) => response.end('hello'));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  return { server, port: (server.address() as AddressInfo).port };
}

async function shake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: own.authority.cert, ...options });
  closers.push(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** The code of a refused handshake, or what was agreed on. */
async function attempt(port: number, options: ConnectionOptions): Promise<string> {
  return shake(port, options).then(
    (socket) => `${socket.getProtocol()} ${socket.getCipher().name}`,
    (error: NodeJS.ErrnoException) => String(error.code),
  );
}

const REFUSED = /^(ERR_SSL_\w*ALERT\w*|ECONNRESET)$/;

describe('a server over TLS', () => {
  it('agrees on what the policy has, and on nothing else, in each version and with each kind of key', async () => {
    const [ecdsa, withRsa] = [await serve(own), await serve(rsa)];
    const kindOf = (name: string) => (name.includes('RSA') && !name.includes('ECDSA') ? withRsa : ecdsa);
    for (const name of TLS_CIPHERS['TLS 1.2'])
      expect(await attempt(kindOf(name).port, { ciphers: name, maxVersion: 'TLSv1.2' })).toBe(`TLSv1.2 ${name}`);
    for (const name of TLS_CIPHERS['TLS 1.3'])
      expect(await attempt(ecdsa.port, { ciphers: name, minVersion: 'TLSv1.3' })).toBe(`TLSv1.3 ${name}`);
    for (const curve of TLS_GROUPS) expect(await attempt(ecdsa.port, { ecdhCurve: curve })).toMatch(/^TLSv1\.3 /);
  });

  it.each([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256' }],
    ['CBC with SHA-1', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA' }],
    ['the exchange of keys by RSA', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256:AES256-GCM-SHA384' }],
    ['finite-field Diffie-Hellman', { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256' }],
    ['another group', { ecdhCurve: 'secp521r1' }],
    ['signatures over SHA-1', { maxVersion: 'TLSv1.2', sigalgs: 'RSA+SHA1:ECDSA+SHA1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['HTTP/2 alone', { ALPNProtocols: ['h2'] }],
  ] as const)('refuses %s', async (_, options) => {
    for (const certificate of [own, rsa]) {
      const { port } = await serve(certificate);
      const { ALPNProtocols, ...rest }: { ALPNProtocols?: readonly string[] } & ConnectionOptions = options;
      const wish = { ...rest, ...(ALPNProtocols ? { ALPNProtocols: [...ALPNProtocols] } : {}) };
      expect(await attempt(port, wish)).toMatch(REFUSED);
    }
  });

  it('chooses by its own order, but for a client that wants ChaCha20 first', async () => {
    const { port } = await serve();
    const wish = (...names: string[]) => ({ ciphers: names.join(':'), maxVersion: 'TLSv1.2' as const });
    const [small, large, chacha] = [0, 2, 4].map((index) => TLS_CIPHERS['TLS 1.2'][index] ?? '');
    expect(await attempt(port, wish(large ?? '', small ?? ''))).toBe(`TLSv1.2 ${small}`);
    expect(await attempt(port, wish(chacha ?? '', small ?? ''))).toBe(`TLSv1.2 ${chacha}`);
  });

  it('does not renegotiate', async () => {
    const { port } = await serve();
    const socket = await shake(port, { maxVersion: 'TLSv1.2' });
    const failure = once(socket, 'error').then(
      ([error]) => error.code,
      () => 'none',
    );
    socket.renegotiate({}, () => undefined);
    expect(await failure).toMatch(/RENEGOTIATION|ECONNRESET/);
  });

  it('speaks HTTP/1.1, and says so where it is asked', async () => {
    const { port } = await serve();
    const socket = await shake(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(socket.alpnProtocol).toBe('http/1.1');
  });

  it('resumes a session', async () => {
    const { port } = await serve();
    const first = await shake(port, { maxVersion: 'TLSv1.2' });
    const session = first.getSession();
    first.destroy();
    const second = await shake(port, { maxVersion: 'TLSv1.2', ...(session ? { session } : {}) });
    expect(second.isSessionReused()).toBe(true);
  });
});

describe('a client that is no use', () => {
  it('is cut off when it does not finish its handshake in time', async () => {
    const { port } = await serve(own, { handshakeTimeout: 150 });
    const silent = connectPlain(port, '127.0.0.1');
    silent.resume();
    closers.push(() => silent.destroy());
    const begin = performance.now();
    await once(silent, 'close');
    expect(performance.now() - begin).toBeGreaterThan(100);
  });

  it('is closed when it speaks no TLS, and the next is served', async () => {
    const { port } = await serve();
    const plain = connectPlain(port, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.resume().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(plain, 'close');
    expect(await attempt(port, {})).toMatch(/^TLSv1\.3 /);
  });

  it('harms nobody, whatever bytes it sends', async () => {
    const { server, port } = await serve();
    const failures: unknown[] = [];
    server.on('error', (error) => failures.push(error));
    const send = async (bytes: Uint8Array) => {
      const socket = connectPlain(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume().end(bytes);
      await once(socket, 'close');
    };
    const records = fc.tuple(
      fc.constantFrom(20, 21, 22, 23, 24, 128),
      fc.constantFrom(0x0300, 0x0301, 0x0303, 0x0304, 0xffff),
      fc.nat({ max: 0xffff }),
      fc.uint8Array({ maxLength: 400 }),
    );
    const toBytes = ([type, version, length, body]: [number, number, number, Uint8Array]) =>
      Buffer.concat([Buffer.from([type, version >> 8, version & 255, length >> 8, length & 255]), body]);
    const anything = fc.oneof(fc.uint8Array({ maxLength: 600 }), records.map(toBytes));
    await fc.assert(fc.asyncProperty(anything, send), { numRuns: 150 });
    expect(failures).toEqual([]);
    expect(await attempt(port, {})).toMatch(/^TLSv1\.3 /);
  });

  it('does not keep others out, though there are many of it', async () => {
    const { server, port } = await serve();
    for (let number = 0; number < 200; number += 1) {
      const silent = connectPlain(port, '127.0.0.1');
      silent.on('error', () => undefined);
      closers.push(() => silent.destroy());
    }
    await until('all are there', async () => (await countOf(server)) === 200);
    expect(await attempt(port, {})).toMatch(/^TLSv1\.3 /);
  });

  it('does not hold up the end of the server before its handshake', async () => {
    const { server, port } = await serve();
    const silent = connectPlain(port, '127.0.0.1');
    silent.on('error', () => undefined).resume();
    await once(silent, 'connect');
    await until('it is known', async () => (await countOf(server)) === 1);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
});

describe('a renewal', () => {
  it('is what new connections see, while open ones go on', async () => {
    const mine = await openTestCertificate({ authority: own.authority });
    closers.push(mine.close);
    const { port } = await serve(mine);
    const old = await shake(port);
    const before = old.getPeerCertificate().fingerprint256;
    await mine.replace(await own.authority.issue());
    await until('it is in use', () => mine.log.some(({ level }) => level === 'info'));
    expect((await shake(port)).getPeerCertificate().fingerprint256).not.toBe(before);
    old.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = await once(old, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('shakes hands anew with a client whose session is older', async () => {
    const mine = await openTestCertificate({ authority: own.authority });
    closers.push(mine.close);
    const { port } = await serve(mine);
    const session = (await shake(port, { maxVersion: 'TLSv1.2' })).getSession();
    await mine.replace(await own.authority.issue());
    await until('it is in use', () => mine.log.some(({ level }) => level === 'info'));
    const again = await shake(port, { maxVersion: 'TLSv1.2', ...(session ? { session } : {}) });
    expect([again.isSessionReused(), again.authorized]).toEqual([false, true]);
  });

  it('keeps to the policy', async () => {
    const mine = await openTestCertificate({ authority: own.authority });
    closers.push(mine.close);
    const { port } = await serve(mine);
    await mine.replace(await own.authority.issue());
    await until('it is in use', () => mine.log.some(({ level }) => level === 'info'));
    expect(await attempt(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' })).toMatch(REFUSED);
    expect(await attempt(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toMatch(
      REFUSED,
    );
  });
});

function countOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
