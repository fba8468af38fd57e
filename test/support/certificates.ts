import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3_600_000;

/** A certificate and its private key, as PEM text. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** What to issue. Dates in milliseconds since the epoch; from yesterday to tomorrow unless told. */
interface Wish {
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  /** An RSA key of so many bits instead of one on P-256. */
  readonly rsaBits?: number;
}

/** An authority for one test. */
export interface Authority {
  readonly cert: string;
  /** For `localhost` and 127.0.0.1, good for servers and clients. */
  issue(wish?: Wish): Promise<Issued>;
}

/** Makes an authority nobody else knows. */
export async function createAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const issuer = `CN=Test Authority ${crypto.randomUUID()}`;
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: issuer,
    keys,
    signingAlgorithm: ALGORITHM,
    ...dates({}),
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  return {
    cert: root.toString('pem'),
    issue: async (wish = {}) => {
      const own = await (wish.rsaBits === undefined ? generateKeys() : generateRsaKeys(wish.rsaBits));
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${wish.name ?? 'localhost'}`,
        issuer,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        ...dates(wish),
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: wish.name ?? 'localhost' },
            { type: 'ip', value: '127.0.0.1' },
          ]),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        ],
      });
      return { cert: leaf.toString('pem'), key: await toPem(own.privateKey) };
    },
  };
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function generateRsaKeys(modulusLength: number) {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  };
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function dates({ from = Date.now() - DAY_MS, to = Date.now() + DAY_MS }: Wish) {
  return { notBefore: new Date(from), notAfter: new Date(to) };
}

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Texts as files in a folder of their own. */
export async function writeFiles<Name extends string>(
  texts: Readonly<Record<Name, string>>,
): Promise<{ readonly paths: Record<Name, string>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-pem-'));
  const paths = {} as Record<Name, string>;
  for (const [name, text] of Object.entries(texts) as [Name, string][]) {
    paths[name] = join(folder, `${name}.pem`);
    await writeFile(paths[name], text, { mode: 0o600 });
  }
  return { paths, remove: () => rm(folder, { recursive: true, force: true }) };
}
