import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { createTokenVerifier } from '../../../lib/verify-token.ts';
import { loadDevelopmentKey } from '../../../sandbox/identity/development.ts';
import { mintToken } from '../../../sandbox/identity/mint-token.ts';
import { createDevelopmentProvider } from '../../../sandbox/identity/provider.ts';
import { DEVELOPMENT_CLIENT } from '../../../sandbox/identity/provider-settings.ts';
import { ROLE_SCOPES, SCOPES } from '../../../sandbox/identity/roles.ts';
import { createBrowser, serveRoute, signIn } from './sign-in.ts';

const redirectUri = 'http://127.0.0.1:29999/callback';
const clients = [{ clientId: 'console', redirectUris: [redirectUri] }];
let dataDir: string;
let server: Awaited<ReturnType<typeof serveRoute>>;

function start() {
  return serveRoute((origin) =>
    createDevelopmentProvider({ issuer: `${origin}/oidc`, audience: 'tributary', dataDir, clients }),
  );
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'provider-'));
  server = await start();
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

const ask = (changes: object = {}) => ({
  origin: server.origin,
  clientId: 'console',
  redirectUri,
  scope: `openid ${SCOPES.join(' ')}`,
  subject: 'acme-sales',
  ...changes,
});
const verifier = () =>
  createTokenVerifier({
    issuer: `${server.origin}/oidc`,
    audience: 'tributary',
    keys: 'discovery',
    clock: systemClock,
  });

describe('the development identity provider', () => {
  it('issues access tokens that its own discovery and key set verify', async () => {
    const { access_token = '' } = await signIn(ask());
    const identity = await verifier().verify(access_token);
    expect(identity).toMatchObject({ subject: 'acme-sales', tenant: 'acme', roles: ['sales'] });
    expect([...identity.scopes].sort()).toEqual([...ROLE_SCOPES.sales].sort());
  });

  it('issues tokens of the very form of mintToken', async () => {
    const { access_token: issued = '' } = await signIn(ask({ subject: 'globex-admin' }));
    const key = await loadDevelopmentKey(dataDir);
    const issuer = `${server.origin}/oidc`;
    const minted = await mintToken({
      role: 'admin',
      tenant: 'globex',
      key,
      issuer,
      audience: 'tributary',
      clock: systemClock,
    });
    expect(decodeProtectedHeader(minted)).toEqual(decodeProtectedHeader(issued));
    const [left, right] = [decodeJwt(minted), decodeJwt(issued)];
    const shape = (claims: object) =>
      Object.entries(claims)
        .map(([name, value]) => [name, typeof value])
        .sort();
    expect(shape(left)).toEqual(shape(right));
    for (const same of ['iss', 'aud', 'sub', 'tenant', 'roles']) expect(left[same], same).toEqual(right[same]);
    expect(await verifier().verify(minted)).toMatchObject({ subject: 'globex-admin', tenant: 'globex' });
  });

  it('grants what was asked for and the role may do, no more', async () => {
    const scope = 'openid customers:read billing:read privacy:erase';
    const { access_token = '' } = await signIn(ask({ scope, subject: 'acme-partner' }));
    expect((await verifier().verify(access_token)).scopes).toEqual(['customers:read']);
  });

  it('lets programs of this machine sign people in, on whatever port they listen', async () => {
    const bare = await serveRoute((origin) =>
      createDevelopmentProvider({ issuer: `${origin}/oidc`, audience: 'tributary', dataDir }),
    );
    const clientId = DEVELOPMENT_CLIENT.clientId;
    for (const home of ['http://127.0.0.1:31234/callback', 'http://localhost:5173/callback']) {
      const answer = await signIn(ask({ origin: bare.origin, clientId, redirectUri: home }));
      expect(decodeJwt(answer['access_token'] ?? '')).toMatchObject({ client_id: clientId, sub: 'acme-sales' });
    }
    await bare.close();
  });

  it('asks again each time, so that one browser can be somebody else', async () => {
    const browser = createBrowser();
    const subjects = ['acme-sales', 'globex-partner', 'acme-admin'];
    for (const subject of subjects) {
      const { access_token = '' } = await signIn(ask({ subject }), browser);
      expect(await verifier().verify(access_token)).toMatchObject({ subject });
    }
  });

  it('keeps its key over a restart', async () => {
    const { access_token = '' } = await signIn(ask());
    const before = await fetch(`${server.origin}/oidc/jwks`).then((response) => response.json());
    await server.close();
    server = await start();
    expect(await fetch(`${server.origin}/oidc/jwks`).then((response) => response.json())).toEqual(before);
    const { kid } = decodeProtectedHeader(access_token);
    expect(before).toMatchObject({ keys: [{ kid, kty: 'OKP', crv: 'Ed25519' }] });
    expect(JSON.stringify(before)).not.toContain('"d"');
  });

  it('asks who one is on a page that may run and load nothing', async () => {
    const browser = createBrowser();
    const query = 'client_id=console&response_type=code&scope=openid&code_challenge_method=S256';
    const challenge = `code_challenge=${'a'.repeat(43)}&redirect_uri=${encodeURIComponent(redirectUri)}`;
    const auth = await browser(`${server.origin}/oidc/auth?${query}&${challenge}`);
    const page = await browser(`${server.origin}${auth.headers.get('location')}`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    expect(html.match(/<button name="login"/g)).toHaveLength(10);
    const stranger = new URLSearchParams({ login: 'mallory' });
    expect((await browser(page.url, { method: 'POST', body: stranger })).status).toBe(400);
    expect((await browser(page.url, { method: 'POST', body: 'x'.repeat(2_000) })).status).toBe(400);
    expect((await createBrowser()(page.url)).status).toBe(400);
  });

  it.each<[string, Record<string, string>, string]>([
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['for a response type without a code', { response_type: 'token' }, 'unsupported_response_type'],
  ])('sends no code %s', async (_, changes, error) => {
    const good = {
      client_id: 'console',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    const present = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== '');
    const response = await createBrowser()(`${server.origin}/oidc/auth?${new URLSearchParams(present)}`);
    const location = new URL(response.headers.get('location') ?? '', server.origin);
    const fragment = new URLSearchParams(location.hash.slice(1));
    expect(location.searchParams.get('error') ?? fragment.get('error')).toBe(error);
  });

  it('never redirects to an address the client did not register', async () => {
    const query = new URLSearchParams({
      client_id: 'console',
      redirect_uri: `${redirectUri}/evil`,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    });
    const response = await createBrowser()(`${server.origin}/oidc/auth?${query}`);
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(await response.json()).toMatchObject({ error: 'invalid_redirect_uri' });
  });

  it('answers a path it does not know as absent', async () => {
    expect((await fetch(`${server.origin}/oidc/me`)).status).toBe(404);
    expect((await fetch(`${server.origin}/oidc`)).status).toBe(404);
  });
});
