import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printableToken } from '../../app/printable-token.ts';
import { systemClock } from '../../lib/clock.ts';
import { loadConfig } from '../../lib/config.ts';
import { toPublicKey } from '../../lib/signing-key.ts';
import { createTokenVerifier } from '../../lib/verify-token.ts';
import { DEMO_TENANTS } from '../../sandbox/identity/demo-users.ts';
import { developmentIssuer, loadDevelopmentKey } from '../../sandbox/identity/development.ts';
import { ROLE_SCOPES, ROLES } from '../../sandbox/identity/roles.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'token-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const config = (env: Record<string, string> = {}) => loadConfig({ DATA_DIR: dataDir, PORT: '24321', ...env });

async function verify(token: string) {
  const verifier = createTokenVerifier({
    issuer: developmentIssuer(config()),
    audience: 'tributary',
    keys: { jwks: { keys: [{ ...toPublicKey(await loadDevelopmentKey(dataDir)) }] } },
    tenants: DEMO_TENANTS,
    clock: systemClock,
  });
  return verifier.verify(token);
}

interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: string[], env: Record<string, string> = {}): Promise<Exit> {
  const program = new URL('../../app/token.ts', import.meta.url).pathname;
  const options = { env: { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir, PORT: '24321', ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', program, ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('npm run token', () => {
  it.each(DEMO_TENANTS.flatMap((tenant) => ROLES.map((role) => [role, tenant] as const)))(
    'makes a token of %s at %s that the server accepts',
    async (role, tenant) => {
      const identity = await verify(await printableToken(['--role', role, '--tenant', tenant], config()));
      expect(identity).toMatchObject({ tenant, roles: [role], scopes: ROLE_SCOPES[role] });
    },
  );

  it('belongs to acme and lasts 12 hours unless told otherwise', async () => {
    const { tenant, iat = 0, exp = 0 } = decodeJwt(await printableToken(['--role', 'sales'], config()));
    expect([tenant, exp - iat]).toEqual(['acme', 43_200]);
  });

  it.each([
    ['30s', 30],
    ['15m', 900],
    ['24h', 86_400],
  ])('lasts %s when told so', async (ttl, seconds) => {
    const { iat = 0, exp = 0 } = decodeJwt(await printableToken(['--role', 'sales', '--ttl', ttl], config()));
    expect(exp - iat).toBe(seconds);
  });

  it('prints the token as its last line, from a process of its own', async () => {
    const { code, stdout } = await run(['--role', 'partner', '--tenant', 'globex']);
    expect(code).toBe(0);
    const token = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(await verify(token)).toMatchObject({
      subject: 'globex-partner',
      scopes: ['customers:read', 'service:read'],
    });
  });

  it.each([
    [['--role', 'boss'], 'admin, sales, support, marketing, partner'],
    [[], 'admin, sales, support, marketing, partner'],
    [['--role', '__proto__'], 'admin, sales, support, marketing, partner'],
    [['--role', 'sales', '--tenant', 'initech'], 'acme, globex'],
    [['--role', 'sales', '--ttl', '25h'], '24h'],
    [['--role', 'sales', '--ttl', '0s'], '24h'],
    [['--role', 'sales', '--ttl', 'soon'], '24h'],
  ])('refuses %j and lists what it accepts', async (args, list) => {
    const refused = expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(list) });
    await expect(printableToken(args, config())).rejects.toEqual(refused);
  });

  it.each([[['--role', 'boss']], [['--rôle', 'sales']], [['sales']]])('exits with 2 for %j', async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: npm run token');
    expect(stderr).not.toContain('    at ');
  });

  it('is refused in production, naming the variable to set', async () => {
    const { code, stdout, stderr } = await run(['--role', 'admin'], { NODE_ENV: 'production' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('OIDC_ISSUER');
  });
});
