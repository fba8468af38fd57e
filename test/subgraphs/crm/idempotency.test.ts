import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityOf } from '../kit/identity.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
});
afterAll(() => crm.close());

const CREATE =
  'mutation ($input: AccountCreateInput!) { accountCreate(input: $input) { account { id name version } userErrors { code path } } }';
const create = async (input: Record<string, unknown>, identity = identityOf()) =>
  (await crm.ask(CREATE, { input }, identity)).data.accountCreate;
const countNamed = async (name: string) =>
  (await crm.ask('query ($name: String!) { accounts(filter: { name: { eq: $name } }) { totalCount } }', { name })).data
    .accounts.totalCount;

describe('an idempotency key', () => {
  it('makes a repetition answer with the same record and write nothing', async () => {
    const input = { name: 'Once', idempotencyKey: 'once' };
    const first = await create(input);
    const events = (await crm.events()).length;
    expect(await create(input)).toEqual(first);
    expect([await countNamed('Once'), (await crm.events()).length]).toEqual([1, events]);
  });

  it('is about what is said, not about how it is written down', async () => {
    const first = await create({ name: 'Order', industry: 'Energy', idempotencyKey: 'order' });
    expect((await create({ idempotencyKey: 'order', industry: 'Energy', name: 'Order' })).account).toEqual(
      first.account,
    );
  });

  it('answers with the record as it stands now', async () => {
    const first = await create({ name: 'Moved', idempotencyKey: 'moved' });
    await crm.ask('mutation ($input: AccountUpdateInput!) { accountUpdate(input: $input) { userErrors { code } } }', {
      input: { id: first.account.id, name: 'Moved on' },
    });
    expect((await create({ name: 'Moved', idempotencyKey: 'moved' })).account).toMatchObject({
      name: 'Moved on',
      version: 2,
    });
  });

  it('used for another body is a user error', async () => {
    await create({ name: 'First', idempotencyKey: 'reused' });
    expect(await create({ name: 'Second', idempotencyKey: 'reused' })).toEqual({
      account: null,
      userErrors: [{ code: 'IDEMPOTENCY_MISMATCH', path: ['input', 'idempotencyKey'] }],
    });
    expect(await countNamed('Second')).toBe(0);
  });

  it('used for another mutation is a user error too', async () => {
    const { account } = await create({ name: 'Mine', idempotencyKey: 'cross' });
    const { data } = await crm.ask(
      'mutation ($input: AccountDeleteInput!) { accountDelete(input: $input) { account { id } userErrors { code } } }',
      { input: { id: account.id, idempotencyKey: 'cross' } },
    );
    expect(data.accountDelete).toEqual({ account: null, userErrors: [{ code: 'IDEMPOTENCY_MISMATCH' }] });
  });

  it('is the caller’s own: another tenant’s and another person’s equal key is another key', async () => {
    const input = { name: 'Shared key', idempotencyKey: 'shared' };
    const mine = await create(input);
    const foreign = await create(input, identityOf('globex'));
    const colleague = await create(input, { ...identityOf(), subject: 'else@acme' });
    expect(new Set([mine, foreign, colleague].map(({ account }) => account.id)).size).toBe(3);
  });

  it('is not used up by an attempt that did nothing', async () => {
    expect((await create({ name: '', idempotencyKey: 'again' })).userErrors).toHaveLength(1);
    expect((await create({ name: 'Again', idempotencyKey: 'again' })).account).toMatchObject({ name: 'Again' });
  });

  it('makes one record of many attempts at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create({ name: 'Race', idempotencyKey: 'race' })),
    );
    expect(new Set(answers.map(({ account }) => account.id)).size).toBe(1);
    expect(await countNamed('Race')).toBe(1);
  });
});
