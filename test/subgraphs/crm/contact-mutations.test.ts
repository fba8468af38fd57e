import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCrm, type TestCrm } from './open-crm.ts';

const FIELDS = `id givenName familyName displayName emails { address kind isPrimary status } phones { number kind } jobTitle
  department account { id name } reportsTo { id } locale timeZone lifecycleStage version deletedAt`;
const mutation = (verb: string) =>
  `mutation ($input: Contact${verb}Input!) { contact${verb}(input: $input) { contact { ${FIELDS} } userErrors { code path } } }`;

let crm: TestCrm;
let accountId: string;
beforeAll(async () => {
  crm = await openCrm();
  const made = await crm.ask(
    'mutation { accountCreate(input: { name: "Fernhollow" }) { account { id } userErrors { code } } }',
  );
  accountId = made.data.accountCreate.account.id;
});
afterAll(() => crm.close());

async function send(verb: 'Create' | 'Update' | 'Delete', input: Record<string, unknown>) {
  const { data, errors } = await crm.ask(mutation(verb), { input });
  return { ...data?.[`contact${verb}`], ...(errors ? { errors } : {}) };
}
const create = async (input: Record<string, unknown> = {}) =>
  (await send('Create', { familyName: 'Marlow', ...input })).contact;

describe('contactCreate', () => {
  it('makes a contact with all it is given', async () => {
    const { contact, userErrors } = await send('Create', {
      givenName: 'Una',
      familyName: 'Marlow',
      emails: [
        { address: 'UNA@home.example', kind: 'PERSONAL', status: 'BOUNCED' },
        { address: 'una@fernhollow.example', isPrimary: true },
      ],
      phones: [{ number: '+49 30 23125 042', kind: 'MOBILE' }],
      jobTitle: 'Buyer',
      department: 'Procurement',
      accountId,
      locale: 'de-at',
      timeZone: 'Europe/Vienna',
      lifecycleStage: 'LEAD',
    });
    expect(userErrors).toEqual([]);
    expect(contact).toEqual({
      id: expect.stringMatching(/^con_/),
      givenName: 'Una',
      familyName: 'Marlow',
      displayName: 'Una Marlow',
      emails: [
        { address: 'una@fernhollow.example', kind: 'WORK', isPrimary: true, status: 'VALID' },
        { address: 'una@home.example', kind: 'PERSONAL', isPrimary: false, status: 'BOUNCED' },
      ],
      phones: [{ number: '+49 30 23125 042', kind: 'MOBILE' }],
      jobTitle: 'Buyer',
      department: 'Procurement',
      account: { id: accountId, name: 'Fernhollow' },
      reportsTo: null,
      locale: 'de-AT',
      timeZone: 'Europe/Vienna',
      lifecycleStage: 'LEAD',
      version: 1,
      deletedAt: null,
    });
  });

  it('makes the first address the primary one when none is', async () => {
    const { emails } = await create({ emails: [{ address: 'a@b.example' }, { address: 'c@d.example' }] });
    expect(emails.map(({ isPrimary }: { isPrimary: boolean }) => isPrimary)).toEqual([true, false]);
  });

  it.each([
    ['no family name', { familyName: '' }, 'REQUIRED', ['input', 'familyName']],
    ['an address without a domain', { emails: [{ address: 'una' }] }, 'INVALID', ['input', 'emails', '0', 'address']],
    [
      'an address with a space',
      { emails: [{ address: 'a b@c.example' }] },
      'INVALID',
      ['input', 'emails', '0', 'address'],
    ],
    ['an empty address', { emails: [{ address: '' }] }, 'REQUIRED', ['input', 'emails', '0', 'address']],
    [
      'the same address twice',
      { emails: [{ address: 'a@b.example' }, { address: 'A@B.example' }] },
      'INVALID',
      ['input', 'emails'],
    ],
    [
      'two primary addresses',
      {
        emails: [
          { address: 'a@b.example', isPrimary: true },
          { address: 'c@d.example', isPrimary: true },
        ],
      },
      'INVALID',
      ['input', 'emails'],
    ],
    ['a locale that is none', { locale: 'german!' }, 'INVALID', ['input', 'locale']],
    ['a time zone that is none', { timeZone: 'Europe/Atlantis' }, 'INVALID', ['input', 'timeZone']],
    ['an offset for a time zone', { timeZone: '+01:00' }, 'INVALID', ['input', 'timeZone']],
    ['an unknown account', { accountId: 'acc_00000000000000000000000000' }, 'NOT_FOUND', ['input', 'accountId']],
    [
      'an account’s id for a superior',
      { reportsToId: 'acc_00000000000000000000000000' },
      'NOT_FOUND',
      ['input', 'reportsToId'],
    ],
  ])('refuses %s', async (_what, wrong, code, path) => {
    expect(await send('Create', { familyName: 'Marlow', ...wrong })).toEqual({
      contact: null,
      userErrors: [{ code, path }],
    });
  });
});

describe('contactUpdate', () => {
  it('follows the names with the display name, unless one was given', async () => {
    const { id } = await create({ givenName: 'Una' });
    expect((await send('Update', { id, familyName: 'Selby' })).contact.displayName).toBe('Una Selby');
    expect((await send('Update', { id, displayName: 'U. S.' })).contact.displayName).toBe('U. S.');
    expect((await send('Update', { id, familyName: 'Nash' })).contact.displayName).toBe('U. S.');
    expect((await send('Update', { id, displayName: null, givenName: null })).contact.displayName).toBe('Nash');
  });

  it('lets nobody be their own superior, however far up', async () => {
    const boss = await create();
    const { id } = await create({ reportsToId: boss.id });
    expect((await send('Update', { id: boss.id, reportsToId: id })).userErrors).toEqual([
      { code: 'CYCLE', path: ['input', 'reportsToId'] },
    ]);
  });

  it('leaves an account that a contact has left without its primary contact', async () => {
    const { id } = await create({ accountId });
    const primary = async () =>
      (await crm.ask('query ($id: ID!) { account(id: $id) { primaryContact { id } } }', { id: accountId })).data.account
        .primaryContact;
    await crm.ask('mutation ($input: AccountUpdateInput!) { accountUpdate(input: $input) { userErrors { code } } }', {
      input: { id: accountId, primaryContactId: id },
    });
    expect(await primary()).toEqual({ id });
    await send('Update', { id, accountId: null });
    expect(await primary()).toBeNull();
  });
});

describe('contactDelete', () => {
  it('takes the contact off the lists of its account and tells of it', async () => {
    const { id } = await create({ accountId, familyName: 'Goner' });
    await send('Delete', { id });
    const { data } = await crm.ask(
      'query ($id: ID!) { account(id: $id) { contacts(filter: { name: { startsWith: "goner" } }) { nodes { id } } } }',
      { id: accountId },
    );
    expect(data.account.contacts.nodes).toEqual([]);
    const told = (await crm.events()).filter(({ key }) => key === id);
    expect(
      told.map(({ topic, data: { type, version, accountId: account } }) => [topic, type, version, account]),
    ).toEqual([
      ['crm.contact', 'crm.contact.created', 1, accountId],
      ['crm.contact', 'crm.contact.deleted', 2, accountId],
    ]);
  });
});
