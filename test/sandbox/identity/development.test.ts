import { describe, expect, it } from 'vitest';
import { DEMO_TENANTS, DEMO_USERS, demoUser, isDemoTenant } from '../../../sandbox/identity/demo-users.ts';
import { developmentIssuer, refuseInProduction } from '../../../sandbox/identity/development.ts';
import { loginPagePolicy, renderLoginPage } from '../../../sandbox/identity/login-page.ts';
import { isRole, ROLE_SCOPES, ROLES, SCOPES } from '../../../sandbox/identity/roles.ts';

describe('roles', () => {
  it('are admin, sales, support, marketing and partner', () => {
    expect(ROLES).toEqual(['admin', 'sales', 'support', 'marketing', 'partner']);
    expect([isRole('sales'), isRole('Sales'), isRole('constructor')]).toEqual([true, false, false]);
  });

  it('grant scopes that exist, each once', () => {
    expect(new Set(SCOPES).size).toBe(SCOPES.length);
    for (const role of ROLES) {
      const scopes = ROLE_SCOPES[role];
      expect(new Set(scopes).size, role).toBe(scopes.length);
      expect(
        scopes.filter((scope) => !SCOPES.includes(scope)),
        role,
      ).toEqual([]);
    }
  });

  it.each([
    ['admin', 24, ['privacy:erase', 'graph:explain', 'integrations:admin'], []],
    ['sales', 13, ['customers:write', 'sales:write', 'billing:read', 'pii:read'], ['billing:write', 'service:write']],
    ['support', 10, ['service:write', 'billing:read', 'pii:read'], ['sales:read', 'analytics:read']],
    ['marketing', 9, ['marketing:write', 'customers:read', 'pii:read'], ['customers:write', 'billing:read']],
    ['partner', 2, ['customers:read', 'service:read'], ['billing:read', 'pii:read']],
  ] as const)('grant %s its %i scopes', (role, count, granted, withheld) => {
    const scopes = ROLE_SCOPES[role];
    expect(scopes).toHaveLength(count);
    expect(scopes).toEqual(expect.arrayContaining([...granted]));
    for (const scope of withheld) expect(scopes).not.toContain(scope);
  });
});

describe('people of the demo', () => {
  it('are one of each role in each tenant, under names of their own', () => {
    expect(DEMO_TENANTS).toEqual(['acme', 'globex']);
    expect(new Set(DEMO_USERS.map(({ subject }) => subject)).size).toBe(10);
    for (const tenant of DEMO_TENANTS)
      for (const role of ROLES) expect(demoUser(role, tenant)).toMatchObject({ role, tenant });
    expect([isDemoTenant('globex'), isDemoTenant('initech')]).toEqual([true, false]);
  });
});

describe('development identities', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:4000/oidc'],
    ['localhost', 'http://localhost:4000/oidc'],
    ['::1', 'http://[::1]:4000/oidc'],
  ])('are issued at %s by %s', (HOST, issuer) => {
    expect(developmentIssuer({ HOST, PORT: 4_000 })).toBe(issuer);
  });

  it('are refused in production only, naming OIDC_ISSUER', () => {
    for (const NODE_ENV of ['development', 'test']) expect(() => refuseInProduction({ NODE_ENV })).not.toThrow();
    const refused = expect.objectContaining({ code: 'CONFIG_INVALID', extensions: { variable: 'OIDC_ISSUER' } });
    expect(() => refuseInProduction({ NODE_ENV: 'production' })).toThrow(refused);
  });
});

describe('the page to choose who to be', () => {
  it('shows texts as texts', () => {
    const client = '<script>alert("1")</script>';
    const html = renderLoginPage({ action: '/oidc/"onload="x', client, users: DEMO_USERS });
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(html).toContain('action="/oidc/&quot;onload=&quot;x"');
  });

  it('allows its own style by hash and nothing else', () => {
    const policy = loginPagePolicy('http://127.0.0.1:3000');
    expect(policy).toMatch(/style-src 'sha256-[\w+/]{43}='/);
    expect(policy).toContain("form-action 'self' http://127.0.0.1:3000;");
    expect(policy).not.toContain('unsafe');
  });
});
