import { readdir } from 'node:fs/promises';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../app/demo/graph-client.ts';
import { type Production, startProduction, type VendorMood } from '../support/production.ts';
import { until } from '../support/until.ts';

let production: Production;
beforeAll(async () => {
  production = await startProduction();
});
afterAll(() => production.close());

const as = async (role: 'admin' | 'partner', query: string, variables: object = {}) =>
  ask(production.server.url, await production.token(role), query, variables);

describe('production', () => {
  it('writes nothing of the demo into the data folder', async () => {
    const names = await readdir(production.dataDir);
    expect(names).toContain('VERSION');
    expect(names.filter((name) => /demo|sandbox/.test(name))).toEqual([]);
  });

  it.each([
    '/',
    '/explorer',
    '/explorer/people',
    '/explorer/boot.js',
    '/explorer/examples',
    '/oidc/auth',
    '/oidc/.well-known/openid-configuration',
    '/webhooks/stripe/globex',
  ])('has nothing at %s', async (path) => {
    const headers = { 'x-tributary-explorer': '1' };
    const method = path.startsWith('/webhooks') ? 'POST' : 'GET';
    expect((await fetch(`${production.server.url}${path}`, { method, headers })).status).toBe(404);
  });

  it('does not name what it has not', () => {
    expect(production.server.output()).toContain('/graphql');
    expect(production.server.output()).not.toMatch(/Explore|Sandbox|A token|The story/);
  });

  it('has no sandbox', async () => {
    const reached = fetch(`http://127.0.0.1:${production.sandboxPort}/v1/customers`);
    await expect(reached).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('shows its schema to those who are signed in alone', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect(await as('partner', query)).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
    const anonymous = await ask(production.server.url, '', query);
    expect(anonymous.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it('begins without demo data', async () => {
    expect(await as('admin', '{ accounts { nodes { id } } stripeInvoices { nodes { id } } }')).toEqual({
      data: { accounts: { nodes: [] }, stripeInvoices: { nodes: [] } },
    });
  });
});

describe('the log', () => {
  const person = { familyName: 'canaryfamily', emails: [{ address: 'canary@person.example' }] };
  const create =
    'mutation ($input: ContactCreateInput!) { contactCreate(input: $input) { contact { id } userErrors { code } } }';

  async function post(id: string, secret = 'whsec_canaryold', body = toEvent(id)): Promise<number> {
    const header = new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload: body, secret });
    const options = { method: 'POST', headers: { 'stripe-signature': header }, body };
    return (await fetch(`${production.server.url}/webhooks/stripe`, options)).status;
  }

  const toEvent = (id: string) =>
    JSON.stringify({
      id,
      type: 'canary.unknown',
      created: 1,
      data: { object: { id: 'x', email: 'canary@hook.example' } },
    });

  it('holds no secret, token or value, whatever went wrong', { timeout: 30_000 }, async () => {
    const account = 'mutation { accountCreate(input: { name: "canaryaccount" }) { account { id } } }';
    const accountId = (await as('admin', account)).data.accountCreate.account.id;
    expect((await as('admin', create, { input: { ...person, accountId } })).data.contactCreate.userErrors).toEqual([]);
    const wrong = { ...person, familyName: 'canary\r\n{"level":60}', emails: [{ address: 'canary' }] };
    expect((await as('admin', create, { input: wrong })).data.contactCreate.contact).toBeNull();
    expect((await as('admin', create, { input: { canaryField: 'canaryvalue' } })).errors).toHaveLength(1);
    expect((await as('partner', create, { input: person })).errors).toHaveLength(1);
    expect((await as('admin', '{ accounts(after: "canarycursor") { nodes { id } } }')).errors).toHaveLength(1);
    const customer = `mutation { stripeCustomerCreate(input: { accountId: "${accountId}", name: "canary", email: "canary@customer.example" }) { customer { id } userErrors { code } } }`;
    for (const mood of ['refuses', 'denies', 'page', 'reset'] satisfies VendorMood[]) {
      production.setMood(mood);
      const { data, errors } = await as('admin', customer);
      expect([mood, data?.stripeCustomerCreate.customer ?? null]).toEqual([mood, null]);
      expect(JSON.stringify({ data, errors })).not.toMatch(/canary|127\.0\.0\.1|Bearer/);
    }
    expect(await post('evt_unknown')).toBe(200);
    expect(
      await post(
        'evt_broken',
        undefined,
        '{"id":"evt_canary","type":"invoice.paid","data":{"object":{"object":"invoice","customer_email":"canary@hook.example"}}}',
      ),
    ).toBe(200);
    expect(await post('evt_forged', 'whsec_tributary_acme')).toBe(401);
    expect(await post('evt_text', undefined, 'canary is not JSON')).toBe(400);
    const bad = `canary${await production.token('admin')}`;
    expect((await ask(production.server.url, bad, '{ viewer { tenant } }')).errors).toHaveLength(1);
    await until('the events are dead letters', () => production.server.output().includes('dead letters'));
    const output = production.server.output();
    for (const secret of production.secrets) expect(output).not.toContain(secret);
    expect(output).not.toMatch(
      /eyJ[\w-]{20}|canary@|canaryfamily|canaryaccount|canaryvalue|canary is not|canarycursor/,
    );
    for (const line of output.split('\n').filter((one) => one.startsWith('{')))
      expect(() => JSON.parse(line)).not.toThrow();
  });
});
