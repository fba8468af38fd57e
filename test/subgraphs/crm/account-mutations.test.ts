import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crm as definition } from '../../../subgraphs/crm/index.ts';
import { openSubgraph } from '../../../subgraphs/kit/open-subgraph.ts';
import { identityOf } from '../kit/identity.ts';
import { askSubgraph, openCrm, type TestCrm } from './open-crm.ts';

const FIELDS = `id name legalName domain website industry kind lifecycleStage employeeCount
  annualRevenue { amount currency } phones { number kind } addresses { kind street city region postalCode country }
  parent { id } primaryContact { id } createdAt updatedAt createdBy { kind id } updatedBy { kind id } version deletedAt`;
const mutation = (verb: string) =>
  `mutation ($input: Account${verb}Input!) { account${verb}(input: $input) { account { ${FIELDS} } userErrors { code path } } }`;

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
});
afterAll(() => crm.close());

async function send(verb: 'Create' | 'Update' | 'Delete', input: Record<string, unknown>, identity = identityOf()) {
  const { data, errors } = await crm.ask(mutation(verb), { input }, identity);
  return { ...data?.[`account${verb}`], ...(errors ? { errors } : {}) };
}
const create = async (input: Record<string, unknown> = {}, identity = identityOf()) =>
  (await send('Create', { name: 'Fernhollow Works', ...input }, identity)).account;
const contactOf = async (accountId: string | null) => {
  const source =
    'mutation ($input: ContactCreateInput!) { contactCreate(input: $input) { contact { id } userErrors { code path } } }';
  return (await crm.ask(source, { input: { familyName: 'Marlow', accountId } })).data.contactCreate.contact
    .id as string;
};

const FULL = {
  name: '  Fernhollow Works ',
  legalName: 'Fernhollow Works Ltd',
  domain: 'FernHollow.example',
  website: 'https://fernhollow.example/',
  industry: 'Manufacturing',
  kind: 'CUSTOMER',
  lifecycleStage: 'CUSTOMER',
  employeeCount: 120,
  annualRevenue: { amount: '1250000.5', currency: 'EUR' },
  phones: [{ number: '+44 20 7946 0123' }],
  addresses: [{ street: '1 Mill Lane', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }],
};

describe('accountCreate', () => {
  it('makes an account with all it is given', async () => {
    const { account, userErrors } = await send('Create', FULL);
    expect(userErrors).toEqual([]);
    expect(account).toEqual({
      ...FULL,
      id: expect.stringMatching(/^acc_[0-9A-HJKMNP-TV-Z]{26}$/),
      name: 'Fernhollow Works',
      domain: 'fernhollow.example',
      annualRevenue: { amount: '1250000.50', currency: 'EUR' },
      phones: [{ number: '+44 20 7946 0123', kind: 'WORK' }],
      addresses: [
        { kind: 'OFFICE', street: '1 Mill Lane', city: 'Leeds', region: null, postalCode: 'LS1 1AA', country: 'GB' },
      ],
      parent: null,
      primaryContact: null,
      createdAt: '2026-11-23T08:00:00.000Z',
      updatedAt: '2026-11-23T08:00:00.000Z',
      createdBy: { kind: 'USER', id: 'someone@acme' },
      updatedBy: { kind: 'USER', id: 'someone@acme' },
      version: 1,
      deletedAt: null,
    });
  });

  it('is content with a name', async () => {
    const nothing = { kind: null, lifecycleStage: null, phones: null, annualRevenue: null };
    expect(await create(nothing)).toMatchObject({ kind: 'PROSPECT', lifecycleStage: null });
    expect(await create()).toMatchObject({ kind: 'PROSPECT', lifecycleStage: null, phones: [], annualRevenue: null });
  });

  it.each([
    ['an empty name', { name: ' ' }, 'REQUIRED', ['input', 'name']],
    ['a name too long', { name: 'x'.repeat(201) }, 'TOO_LONG', ['input', 'name']],
    ['control characters', { name: 'a\u0000b' }, 'INVALID', ['input', 'name']],
    ['half a character', { name: 'a\ud800' }, 'INVALID', ['input', 'name']],
    ['a domain that is none', { domain: 'not a domain' }, 'INVALID', ['input', 'domain']],
    ['a domain with a path', { domain: 'a.example/x' }, 'INVALID', ['input', 'domain']],
    ['a website of another scheme', { website: 'javascript:alert(1)' }, 'INVALID', ['input', 'website']],
    ['a website with a password', { website: 'https://a:b@c.example' }, 'INVALID', ['input', 'website']],
    ['fewer than no employees', { employeeCount: -1 }, 'OUT_OF_RANGE', ['input', 'employeeCount']],
    [
      'an unknown currency',
      { annualRevenue: { amount: '1', currency: 'EURO' } },
      'INVALID',
      ['input', 'annualRevenue', 'currency'],
    ],
    [
      'too many decimals',
      { annualRevenue: { amount: '1.001', currency: 'EUR' } },
      'OUT_OF_RANGE',
      ['input', 'annualRevenue', 'amount'],
    ],
    [
      'a negative revenue',
      { annualRevenue: { amount: '-1', currency: 'EUR' } },
      'OUT_OF_RANGE',
      ['input', 'annualRevenue', 'amount'],
    ],
    [
      'an amount beyond range',
      { annualRevenue: { amount: '90071992547409.92', currency: 'EUR' } },
      'OUT_OF_RANGE',
      ['input', 'annualRevenue', 'amount'],
    ],
    [
      'a telephone number that is none',
      { phones: [{ number: '+44 20 7946 0123' }, { number: 'call me' }] },
      'INVALID',
      ['input', 'phones', '1', 'number'],
    ],
    ['too many telephone numbers', { phones: Array(21).fill({ number: '555 0101' }) }, 'TOO_LONG', ['input', 'phones']],
    ['a country that is none', { addresses: [{ country: 'XQ' }] }, 'INVALID', ['input', 'addresses', '0', 'country']],
    ['an unknown parent', { parentId: 'acc_00000000000000000000000000' }, 'NOT_FOUND', ['input', 'parentId']],
    ['an empty idempotency key', { idempotencyKey: '' }, 'INVALID', ['input', 'idempotencyKey']],
    ['too long an idempotency key', { idempotencyKey: 'k'.repeat(129) }, 'INVALID', ['input', 'idempotencyKey']],
  ])('refuses %s', async (_what, wrong, code, path) => {
    const before = await crm.events();
    expect(await send('Create', { name: 'Fernhollow', ...wrong })).toEqual({
      account: null,
      userErrors: [{ code, path }],
    });
    expect(await crm.events()).toHaveLength(before.length);
  });

  it('tells all that is wrong at once', async () => {
    const { userErrors } = await send('Create', { name: '', domain: '-', employeeCount: -4 });
    expect(userErrors.map(({ code }: { code: string }) => code)).toEqual(['REQUIRED', 'INVALID', 'OUT_OF_RANGE']);
  });

  it.each([
    ['a decimal that is none', { annualRevenue: { amount: '1,5', currency: 'EUR' } }],
    ['an unknown kind', { kind: 'FRIEND' }],
    ['an unknown field', { colour: 'green' }],
    ['a number for a name', { name: 7 }],
  ])('answers BAD_USER_INPUT to %s', async (_what, wrong) => {
    const { errors } = await crm.ask(mutation('Create'), { input: { name: 'Fernhollow', ...wrong } });
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['BAD_USER_INPUT']);
  });
});

describe('accountUpdate', () => {
  it('changes what is given, empties what is null and keeps the rest', async () => {
    const { id } = (await send('Create', FULL)).account;
    crm.clock.advance(1_000);
    const { account, userErrors } = await send('Update', {
      id,
      name: 'Fernhollow',
      domain: null,
      phones: null,
      ifVersion: 1,
    });
    expect(userErrors).toEqual([]);
    expect(account).toMatchObject({
      name: 'Fernhollow',
      domain: null,
      phones: [],
      industry: 'Manufacturing',
      version: 2,
    });
    expect(account.updatedAt > account.createdAt).toBe(true);
  });

  it('does nothing, and tells of nothing, when nothing would change', async () => {
    const { id } = (await send('Create', FULL)).account;
    const before = (await crm.events()).length;
    expect((await send('Update', { id, ...FULL })).account).toMatchObject({ version: 1 });
    expect(await crm.events()).toHaveLength(before);
  });

  it.each([
    ['a name emptied', { name: null }, 'REQUIRED', ['input', 'name']],
    ['a kind emptied', { kind: null }, 'REQUIRED', ['input', 'kind']],
    ['a version that is past', { ifVersion: 7 }, 'CONFLICT', ['input', 'ifVersion']],
    ['a lifecycle that goes back', { lifecycleStage: 'LEAD' }, 'LIFECYCLE_BACKWARD', ['input', 'lifecycleStage']],
    ['a lifecycle that is dropped', { lifecycleStage: null }, 'LIFECYCLE_BACKWARD', ['input', 'lifecycleStage']],
    [
      'an unknown contact',
      { primaryContactId: 'con_00000000000000000000000000' },
      'NOT_FOUND',
      ['input', 'primaryContactId'],
    ],
  ])('refuses %s', async (_what, wrong, code, path) => {
    const { id } = (await send('Create', FULL)).account;
    expect(await send('Update', { id, ...wrong })).toEqual({ account: null, userErrors: [{ code, path }] });
    const { data } = await crm.ask('query ($id: ID!) { account(id: $id) { version lifecycleStage } }', { id });
    expect(data.account).toEqual({ version: 1, lifecycleStage: 'CUSTOMER' });
  });

  it('lets the lifecycle go back when forced, and to OTHER in any case', async () => {
    const { id } = (await send('Create', FULL)).account;
    expect(
      (await send('Update', { id, lifecycleStage: 'LEAD', forceLifecycleStage: true })).account.lifecycleStage,
    ).toBe('LEAD');
    expect((await send('Update', { id, lifecycleStage: 'OTHER' })).account.lifecycleStage).toBe('OTHER');
  });

  it('takes only a contact of the account for its primary one', async () => {
    const { id } = await create();
    const [own, foreign] = await Promise.all([contactOf(id), contactOf(null)]);
    expect((await send('Update', { id, primaryContactId: own })).account.primaryContact).toEqual({ id: own });
    expect((await send('Update', { id, primaryContactId: foreign })).userErrors).toEqual([
      { code: 'INVALID', path: ['input', 'primaryContactId'] },
    ]);
  });

  it('closes no circle of parents, however long', async () => {
    const top = await create();
    const middle = await create({ parentId: top.id });
    const bottom = await create({ parentId: middle.id });
    for (const parentId of [top.id, middle.id, bottom.id])
      expect((await send('Update', { id: top.id, parentId })).userErrors).toEqual([
        { code: 'CYCLE', path: ['input', 'parentId'] },
      ]);
    expect((await send('Update', { id: middle.id, parentId: null })).account.parent).toBeNull();
    expect((await send('Update', { id: top.id, parentId: bottom.id })).account.parent).toEqual({ id: bottom.id });
  });

  it('closes no circle when both halves are written at once', async () => {
    const [a, b] = await Promise.all([create(), create()]);
    const answers = await Promise.all([
      send('Update', { id: a.id, parentId: b.id }),
      send('Update', { id: b.id, parentId: a.id }),
    ]);
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code))).toEqual([
      'CYCLE',
    ]);
  });

  it('lets one of many win that saw the same version', async () => {
    const { id } = await create();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => send('Update', { id, name: `Winner ${index}`, ifVersion: 1 })),
    );
    const winners = answers.filter(({ account }) => account);
    const codes = answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code));
    expect([winners.length, codes]).toEqual([1, Array(7).fill('CONFLICT')]);
    const { data } = await crm.ask('query ($id: ID!) { account(id: $id) { name version } }', { id });
    expect(data.account).toEqual({ name: winners[0]?.account.name, version: 2 });
  });

  it('loses none of many that saw no version', async () => {
    const { id } = await create();
    const names = ['legalName', 'domain', 'industry', 'website', 'lifecycleStage'];
    const values = ['Legal', 'a.example', 'Energy', 'https://a.example', 'LEAD'];
    await Promise.all(names.map((name, index) => send('Update', { id, [name]: values[index] })));
    const { data } = await crm.ask(`query ($id: ID!) { account(id: $id) { ${names.join(' ')} version } }`, { id });
    expect(data.account).toEqual({ ...Object.fromEntries(names.map((name, i) => [name, values[i]])), version: 6 });
  });
});

describe('accountDelete', () => {
  it('takes the account off all lists and leaves it readable by id', async () => {
    const { id } = await create({ name: 'Goner' });
    const { account } = await send('Delete', { id, ifVersion: 1 });
    expect(account).toMatchObject({ id, version: 2, deletedAt: expect.any(String) });
    const { data } = await crm.ask(
      'query ($id: ID!) { account(id: $id) { deletedAt } accounts(filter: { name: { eq: "Goner" } }) { nodes { id } totalCount } }',
      { id },
    );
    expect(data).toEqual({ account: { deletedAt: account.deletedAt }, accounts: { nodes: [], totalCount: 0 } });
  });

  it('refuses a deleted one for everything after', async () => {
    const { id } = await create();
    await send('Delete', { id });
    const deleted = (path: string) => [{ code: 'DELETED', path: ['input', path] }];
    expect((await send('Delete', { id })).userErrors).toEqual(deleted('id'));
    expect((await send('Update', { id, name: 'Back' })).userErrors).toEqual(deleted('id'));
    expect((await send('Create', { name: 'Child', parentId: id })).userErrors).toEqual(deleted('parentId'));
  });

  it('refuses a version that is past', async () => {
    const { id } = await create();
    expect((await send('Delete', { id, ifVersion: 2 })).userErrors).toEqual([
      { code: 'CONFLICT', path: ['input', 'ifVersion'] },
    ]);
  });
});

describe('events', () => {
  it('tell of each change, in the order of its versions, with names and no values', async () => {
    const { id } = await create({ domain: 'told.example' });
    const child = await create({ parentId: id });
    await send('Update', { id, industry: 'Energy', annualRevenue: { amount: '5', currency: 'USD' } });
    await send('Update', { id: child.id, parentId: null });
    await send('Delete', { id });
    const told = (await crm.events()).filter(({ key }) => key === id || key === child.id);
    expect(told.map(({ topic, data }) => [topic, data['id'], data['type'], data['version'], data['changed']])).toEqual([
      ['crm.account', id, 'crm.account.created', 1, ['name', 'domain']],
      ['crm.account', child.id, 'crm.account.created', 1, ['name', 'parent']],
      ['crm.account', id, 'crm.account.updated', 2, ['industry', 'annualRevenue']],
      ['crm.account', child.id, 'crm.account.updated', 2, ['parent']],
      ['crm.account', id, 'crm.account.deleted', 3, ['deletedAt']],
    ]);
    expect(told[0]?.headers).toMatchObject({ ce_tenant: 'acme', ce_source: '/crm', ce_cause: 'LIVE', ce_subject: id });
    expect(told[0]?.data['__typename']).toBe('Account');
  });

  it('come with the write or not at all: an event that cannot be told undoes it', async () => {
    const { id } = await create({ name: 'Atomic' });
    const outbox = crm.store.connection.collection('outbox');
    const append: typeof crm.store.outbox.append = async (session, entries) => {
      await crm.store.outbox.append(session, entries);
      throw new Error('the disk is full');
    };
    const broken = await openSubgraph(definition, {
      ...crm.runtime,
      store: { ...crm.store, outbox: { ...crm.store.outbox, append } },
    });
    const before = await outbox.countDocuments();
    const input = { id, name: 'Half written', idempotencyKey: 'atomic-1' };
    const { data, errors } = await askSubgraph(broken, mutation('Update'), { input }, identityOf());
    expect([data, errors?.map(({ message, extensions }) => [message, extensions?.['code']])]).toEqual([
      null,
      [['Something failed inside.', 'INTERNAL']],
    ]);
    expect(await outbox.countDocuments()).toBe(before);
    const after = await crm.ask('query ($id: ID!) { account(id: $id) { name version } }', { id });
    expect(after.data.account).toEqual({ name: 'Atomic', version: 1 });
    expect((await send('Update', { id, name: 'Whole', idempotencyKey: 'atomic-1' })).account).toMatchObject({
      version: 2,
    });
  });
});
