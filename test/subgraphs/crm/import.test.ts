import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDemo } from '../../../sandbox/demo/generate-demo.ts';
import { importAccounts } from '../../../subgraphs/crm/import.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

const demo = generateDemo({ seed: 2, now: Date.UTC(2026, 10, 23), tenants: { acme: 20, globex: 5 } });
const people = demo.accounts.flatMap(({ contacts }) => contacts).length;
const [first] = demo.accounts;

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
});
afterAll(() => crm.close());

describe('importing accounts', () => {
  it('completes a load that broke off, leaves alone what is there, and tells nobody', async () => {
    expect(await importAccounts(crm.store, demo.accounts.slice(0, 7))).toMatchObject({ accounts: 7 });
    await crm.ask('mutation ($id: ID!) { accountUpdate(input: { id: $id, name: "Edited" }) { userErrors { code } } }', {
      id: first?.id,
    });
    const known = demo.accounts.slice(0, 7).flatMap(({ contacts }) => contacts).length + 7;
    const told = (await crm.events()).length;
    expect(await importAccounts(crm.store, demo.accounts)).toEqual({
      accounts: 25,
      contacts: people,
      added: 25 + people - known,
    });
    expect(await importAccounts(crm.store, demo.accounts)).toEqual({ accounts: 25, contacts: people, added: 0 });
    expect((await crm.events()).length).toBe(told);
    const { data } = await crm.ask('query ($id: ID!) { account(id: $id) { name version } accounts { totalCount } }', {
      id: first?.id,
    });
    expect(data).toEqual({ account: { name: 'Edited', version: 2 }, accounts: { totalCount: 20 } });
  });

  it('makes records like those of a mutation', async () => {
    const source = `query ($id: ID!) { account(id: $id) {
      legalName domain website industry annualRevenue { amount currency } phones { number kind } addresses { city country }
      createdAt createdBy { kind id } version deletedAt primaryContact { displayName emails { address isPrimary } account { id } } } }`;
    const second = demo.accounts[1];
    const [leader] = second?.contacts ?? [];
    const { data, errors } = await crm.ask(source, { id: second?.id });
    expect(errors).toBeUndefined();
    expect(data.account).toMatchObject({
      legalName: second?.legalName,
      domain: second?.domain,
      website: `https://www.${second?.domain}`,
      annualRevenue: {
        amount: ((second?.annualRevenue.minor ?? 0) / 100).toFixed(2),
        currency: second?.annualRevenue.currency,
      },
      phones: [{ number: second?.phone, kind: 'WORK' }],
      createdAt: new Date(second?.createdAt ?? 0).toISOString(),
      createdBy: { kind: 'SYNC', id: 'import' },
      version: 1,
      deletedAt: null,
      primaryContact: {
        displayName: `${leader?.givenName} ${leader?.familyName}`,
        emails: [{ address: leader?.email, isPrimary: true }],
        account: { id: second?.id },
      },
    });
  });

  it('lets a revenue that was imported be sent back unchanged', async () => {
    const { id, annualRevenue } = demo.accounts[2] ?? { id: '', annualRevenue: { minor: 0, currency: 'USD' } };
    const input = {
      id,
      annualRevenue: { amount: (annualRevenue.minor / 100).toFixed(2), currency: annualRevenue.currency },
    };
    const { data } = await crm.ask(
      'mutation ($input: AccountUpdateInput!) { accountUpdate(input: $input) { account { version } } }',
      { input },
    );
    expect(data.accountUpdate.account.version).toBe(1);
  });
});
