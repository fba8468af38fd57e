import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Identity } from '../../../lib/identity.ts';
import { generateDemo } from '../../../sandbox/demo/generate-demo.ts';
import { importAccounts } from '../../../subgraphs/crm/import.ts';
import { identityOf } from '../kit/identity.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

const demo = generateDemo({ seed: 11, now: Date.UTC(2026, 10, 23), tenants: { acme: 12, globex: 8 } });
const own = demo.accounts.find(({ tenant }) => tenant === 'acme');
const foreign = demo.accounts.find(({ tenant }) => tenant === 'globex');
const ABSENT = { account: 'acc_00000000000000000000000000', contact: 'con_00000000000000000000000000' };
const OWN = { account: own?.id ?? '', contact: own?.contacts[0]?.id ?? '' };
const FOREIGN = { account: foreign?.id ?? '', contact: foreign?.contacts[0]?.id ?? '' };

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
  await importAccounts(crm.store, demo.accounts);
});
afterAll(() => crm.close());

/** Every field of the CRM that takes an id, with where the id goes. */
const OPERATIONS: [string, string][] = [
  ['Query.account', '{ account(id: "$account") { id name } }'],
  ['Query.contact', '{ contact(id: "$contact") { id familyName } }'],
  ['Query.accounts by parent', '{ accounts(filter: { parentId: { eq: "$account" } }) { nodes { id } totalCount } }'],
  [
    'Query.contacts by account',
    '{ contacts(filter: { accountId: { in: ["$account"] } }) { nodes { id } totalCount } }',
  ],
  [
    'Query.contacts by superior',
    '{ contacts(filter: { reportsToId: { eq: "$contact" } }) { nodes { id } totalCount } }',
  ],
  [
    '_entities Account',
    '{ _entities(representations: [{ __typename: "Account", id: "$account" }]) { ... on Account { id name } } }',
  ],
  [
    '_entities Contact',
    '{ _entities(representations: [{ __typename: "Contact", id: "$contact" }]) { ... on Contact { id } } }',
  ],
  [
    'accountUpdate',
    'mutation { accountUpdate(input: { id: "$account", name: "Taken" }) { account { id } userErrors { code message path } } }',
  ],
  [
    'accountDelete',
    'mutation { accountDelete(input: { id: "$account" }) { account { id } userErrors { code message path } } }',
  ],
  [
    'accountUpdate ifVersion',
    'mutation { accountUpdate(input: { id: "$account", ifVersion: 1 }) { account { id } userErrors { code message path } } }',
  ],
  [
    'accountCreate parent',
    'mutation { accountCreate(input: { name: "X", parentId: "$account" }) { account { id } userErrors { code message path } } }',
  ],
  [
    'accountUpdate parent',
    'mutation { accountUpdate(input: { id: "$own.account", parentId: "$account" }) { account { id } userErrors { code message path } } }',
  ],
  [
    'accountUpdate contact',
    'mutation { accountUpdate(input: { id: "$own.account", primaryContactId: "$contact" }) { account { id } userErrors { code message path } } }',
  ],
  [
    'contactCreate account',
    'mutation { contactCreate(input: { familyName: "X", accountId: "$account" }) { contact { id } userErrors { code message path } } }',
  ],
  [
    'contactCreate superior',
    'mutation { contactCreate(input: { familyName: "X", reportsToId: "$contact" }) { contact { id } userErrors { code message path } } }',
  ],
  [
    'contactUpdate',
    'mutation { contactUpdate(input: { id: "$contact", familyName: "Taken" }) { contact { id } userErrors { code message path } } }',
  ],
  [
    'contactUpdate account',
    'mutation { contactUpdate(input: { id: "$own.contact", accountId: "$account" }) { contact { id } userErrors { code message path } } }',
  ],
  [
    'contactDelete',
    'mutation { contactDelete(input: { id: "$contact" }) { contact { id } userErrors { code message path } } }',
  ],
];

const fill = (source: string, ids: typeof ABSENT) =>
  source
    .replace('$own.account', OWN.account)
    .replace('$own.contact', OWN.contact)
    .replace('$account', ids.account)
    .replace('$contact', ids.contact);

describe('another tenant’s id', () => {
  it.each(OPERATIONS)('answers as an absent one: %s', async (_what, source) => {
    const absent = await crm.ask(fill(source, ABSENT));
    expect(await crm.ask(fill(source, FOREIGN))).toEqual(absent);
  });

  it('is one that its own tenant finds', async () => {
    const { data } = await crm.ask(
      fill('{ account(id: "$account") { id } contact(id: "$contact") { id } }', FOREIGN),
      {},
      identityOf('globex'),
    );
    expect(data).toEqual({ account: { id: FOREIGN.account }, contact: { id: FOREIGN.contact } });
  });

  it('exists for its own tenant only', async () => {
    const ids = [OWN.account, OWN.contact, FOREIGN.account, FOREIGN.contact, ABSENT.account, ABSENT.contact];
    expect(await crm.subgraph.exists?.('acme', ids)).toEqual(new Set([OWN.account, OWN.contact]));
    expect(await crm.subgraph.exists?.('globex', ids)).toEqual(new Set([FOREIGN.account, FOREIGN.contact]));
  });

  it('is left alone by all of this', async () => {
    const { data } = await crm.ask(
      fill('{ account(id: "$account") { name version deletedAt } }', FOREIGN),
      {},
      identityOf('globex'),
    );
    expect(data.account).toEqual({ name: foreign?.name, version: 1, deletedAt: null });
  });
});

describe('lists', () => {
  it('hold the rows of the caller’s tenant only', async () => {
    const source =
      '{ accounts(first: 100) { totalCount nodes { id contacts { totalCount } } } contacts(first: 100) { totalCount } }';
    for (const tenant of ['acme', 'globex']) {
      const rows = demo.accounts.filter((account) => account.tenant === tenant);
      const { data } = await crm.ask(source, {}, identityOf(tenant));
      expect(data.accounts.nodes.map(({ id }: { id: string }) => id).sort()).toEqual(rows.map(({ id }) => id).sort());
      expect(data.contacts.totalCount).toBe(rows.flatMap(({ contacts }) => contacts).length);
    }
  });
});

const codesOf = async (source: string, identity: Identity | null) => {
  const { data, errors } = await crm.ask(source, {}, identity);
  const rows = errors?.map(({ path, extensions }) => [
    path?.join('.'),
    extensions?.['code'],
    extensions?.['missingScopes'],
  ]);
  return { data, errors: rows?.sort(([a], [b]) => String(a).localeCompare(String(b))) };
};

describe('rights', () => {
  it.each([
    ['{ account(id: "acc_x") { id } }', 'account', 'customers:read'],
    ['{ accounts { totalCount } }', 'accounts', 'customers:read'],
    ['{ contact(id: "con_x") { id } }', 'contact', 'customers:read'],
    ['{ contacts { totalCount } }', 'contacts', 'customers:read'],
    ['mutation { accountCreate(input: { name: "X" }) { account { id } } }', 'accountCreate', 'customers:write'],
    ['mutation { accountUpdate(input: { id: "x" }) { account { id } } }', 'accountUpdate', 'customers:write'],
    ['mutation { accountDelete(input: { id: "x" }) { account { id } } }', 'accountDelete', 'customers:write'],
    ['mutation { contactCreate(input: { familyName: "X" }) { contact { id } } }', 'contactCreate', 'customers:write'],
    ['mutation { contactUpdate(input: { id: "x" }) { contact { id } } }', 'contactUpdate', 'customers:write'],
    ['mutation { contactDelete(input: { id: "x" }) { contact { id } } }', 'contactDelete', 'customers:write'],
  ])('%s without a scope is FORBIDDEN', async (source, path, scope) => {
    const before = (await crm.events()).length;
    expect((await codesOf(source, identityOf('acme', []))).errors).toEqual([[path, 'FORBIDDEN', [scope]]]);
    expect(await crm.events()).toHaveLength(before);
  });

  it('keep e-mail and telephone from whoever may not read personal data, and only those', async () => {
    const source = `{ contact(id: "${OWN.contact}") { familyName emails { address } phones { number } } account(id: "${OWN.account}") { phones { number } } }`;
    expect(await codesOf(source, identityOf('acme', ['customers:read']))).toEqual({
      data: {
        contact: { familyName: own?.contacts[0]?.familyName, emails: null, phones: null },
        account: { phones: null },
      },
      errors: [
        ['account.phones', 'FORBIDDEN', ['pii:read']],
        ['contact.emails', 'FORBIDDEN', ['pii:read']],
        ['contact.phones', 'FORBIDDEN', ['pii:read']],
      ],
    });
  });

  it('keep personal data from being guessed by a filter', async () => {
    const guess = `contacts(filter: { email: { startsWith: "a" } }) { totalCount }`;
    for (const source of [`{ ${guess} }`, `{ account(id: "${OWN.account}") { ${guess} } }`])
      expect((await codesOf(source, identityOf('acme', ['customers:read']))).errors?.[0]?.slice(1)).toEqual([
        'FORBIDDEN',
        ['pii:read'],
      ]);
    expect((await codesOf(`{ ${guess} }`, identityOf())).errors).toBeUndefined();
  });

  it('guard the fields of an entity reached by reference', async () => {
    const source = `{ _entities(representations: [{ __typename: "Account", id: "${OWN.account}" }]) { ... on Account { id legalName } } }`;
    expect(await codesOf(source, identityOf('acme', []))).toEqual({
      data: { _entities: [{ id: OWN.account, legalName: null }] },
      errors: [['_entities.0.legalName', 'FORBIDDEN', ['customers:read']]],
    });
  });

  it('refuse an anonymous caller everything, the schema included', async () => {
    for (const source of ['{ viewer { tenant } }', '{ _service { sdl } }', '{ accounts { totalCount } }'])
      expect(await codesOf(source, null)).toEqual({ data: null, errors: [[undefined, 'UNAUTHENTICATED', undefined]] });
  });

  it('tell the caller who they are', async () => {
    const { data } = await crm.ask('{ viewer { subject tenant roles scopes } }', {}, identityOf('globex', ['a:b']));
    expect(data.viewer).toEqual({ subject: 'someone@globex', tenant: 'globex', roles: ['sales'], scopes: ['a:b'] });
  });
});
