import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../store/connect.ts';
import type { Store } from '../../store/store.ts';
import { type Authority, createAuthority, type Issued, writeFiles } from '../support/certificates.ts';
import { startTlsTerminator, type TlsTerminator } from '../support/tls-terminator.ts';

const DAY_MS = 86_400_000;
let dataDir: string;
let store: Store;
let authority: Authority;
let files: { paths: Record<'ca' | 'otherCa' | 'pair', string>; remove(): Promise<void> };
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-mongo-tls-'));
  store = await openStore({ dataDir });
  authority = await createAuthority();
  const { cert, key } = await authority.issue();
  files = await writeFiles({ ca: authority.cert, otherCa: (await createAuthority()).cert, pair: `${cert}\n${key}` });
});
afterAll(async () => {
  await store.close();
  await files.remove();
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** TLS before the embedded store, as a MongoDB with `net.tls` is reached. */
async function listen(pair?: Issued, clientCa?: string): Promise<TlsTerminator> {
  const terminator = await startTlsTerminator({
    pair: pair ?? (await authority.issue()),
    target: { path: join(dataDir, 'store', 'store.sock') },
    ...(clientCa === undefined ? {} : { clientCa }),
  });
  closers.push(terminator.close);
  return terminator;
}

const uriOf = ({ port }: TlsTerminator, options: Record<string, string>, host = 'localhost') =>
  `mongodb://${host}:${port}/?${new URLSearchParams({ directConnection: 'true', ...options })}`;

describe('MONGODB_URI with tls=true', () => {
  it('is reached by the authority of tlsCAFile, transactions and change streams too', async () => {
    const terminator = await listen();
    const uri = uriOf(terminator, { tls: 'true', tlsCAFile: files.paths.ca });
    const remote = await openStore({ dataDir, uri });
    closers.push(() => remote.close());
    const rows = remote.connection.collection<{ _id: string }>('rows');
    await rows.insertOne({ _id: 'first' });
    const stream = rows.watch();
    closers.push(() => stream.close());
    const seen = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await remote.transaction(async (session) => {
      await rows.insertOne({ _id: 'second' }, { session });
    });
    expect(await seen).toMatchObject({ operationType: 'insert', documentKey: { _id: 'second' } });
    expect(await store.connection.collection('rows').countDocuments()).toBe(2);
    expect(terminator.accepted()).toBeGreaterThan(1);
  });

  it('shows a certificate of its own where the server asks for one', async () => {
    const terminator = await listen(undefined, authority.cert);
    const tls = { tls: 'true', tlsCAFile: files.paths.ca };
    const remote = await openStore({
      dataDir,
      uri: uriOf(terminator, { ...tls, tlsCertificateKeyFile: files.paths.pair }),
    });
    expect(await remote.connection.collection('rows').countDocuments()).toBeGreaterThanOrEqual(0);
    await remote.close();
    const refused = openStore({ dataDir, uri: uriOf(terminator, tls), connectTimeoutMs: 500 });
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID', extensions: { variable: 'MONGODB_URI' } });
  });

  it.each<[string, () => Promise<{ pair?: Issued; ca?: string; host?: string }>, RegExp]>([
    ['an authority nobody named', async () => ({ ca: '' }), /authority that is not known/],
    ['another authority', async () => ({ ca: files.paths.otherCa }), /authority that is not known/],
    [
      'an expired certificate',
      async () => ({ pair: await authority.issue({ from: Date.now() - 2 * DAY_MS, to: Date.now() - DAY_MS }) }),
      /has ended/,
    ],
    ['another name', async () => ({ pair: await authority.issue({ name: 'mongo.example' }) }), /for another name/],
  ])('stops the start on %s, and says that it is not trusted', async (_, scene, reason) => {
    const { pair, ca = files.paths.ca } = await scene();
    const tls = { tls: 'true', ...(ca ? { tlsCAFile: ca } : {}) };
    const uri = uriOf(await listen(pair), tls);
    await expect(openStore({ dataDir, uri, connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      extensions: { variable: 'MONGODB_URI' },
      message: expect.stringMatching(reason),
    });
  });

  it('stops the start when tlsCAFile is not there', async () => {
    const uri = uriOf(await listen(), { tls: 'true', tlsCAFile: join(dataDir, 'absent.pem') });
    await expect(openStore({ dataDir, uri, connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      extensions: { variable: 'MONGODB_URI' },
    });
  });

  it('is not spoken to without TLS', async () => {
    const uri = uriOf(await listen(), {});
    await expect(openStore({ dataDir, uri, connectTimeoutMs: 500 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
