import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDemo } from '../../../sandbox/demo/generate-demo.ts';
import type { DemoAccount } from '../../../sandbox/demo/types.ts';
import { importAccounts } from '../../../subgraphs/crm/import.ts';
import { foldText } from '../../../subgraphs/kit/fold-text.ts';
import { identityOf } from '../kit/identity.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

const demo = generateDemo({ seed: 3, now: Date.UTC(2026, 10, 23), tenants: { acme: 130, globex: 20 } });
const own = demo.accounts.filter(({ tenant }) => tenant === 'acme');

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
  await importAccounts(crm.store, demo.accounts);
  // Rows that have no value to be ordered by.
  const bare = own.slice(0, 10).map(({ id }) => id);
  await crm.store.connection
    .collection('crm_accounts')
    .updateMany({ _id: { $in: bare as never } }, { $set: { employeeCount: null } });
});
afterAll(() => crm.close());

const PAGE = `query ($first: Int, $after: String, $filter: AccountFilter, $orderBy: [AccountOrder!]) {
  accounts(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}`;
const ask = (variables: Record<string, unknown>, tenant = 'acme') => crm.ask(PAGE, variables, identityOf(tenant));
const codes = async (variables: Record<string, unknown>, tenant?: string) =>
  (await ask(variables, tenant)).errors?.map(({ extensions }) => extensions?.['code']);

async function walk(first: number, rest: Record<string, unknown>): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const { data, errors } = await ask({ first, after, ...rest });
    expect(errors).toBeUndefined();
    ids.push(...data.accounts.nodes.map(({ id }: { id: string }) => id));
    if (!data.accounts.pageInfo.hasNextPage) return ids;
    after = data.accounts.pageInfo.endCursor;
  }
}

const sizeOf = (account: DemoAccount) => (own.indexOf(account) < 10 ? null : account.employeeCount);
const compare = (a: string | number | null, b: string | number | null) =>
  a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1;
const keys = {
  NAME: ({ name }: DemoAccount) => foldText(name),
  CREATED_AT: ({ createdAt }: DemoAccount) => createdAt,
  EMPLOYEE_COUNT: sizeOf,
};
type Step = { field: keyof typeof keys; direction: 'ASC' | 'DESC' };

function sorted(orderBy: readonly Step[]): string[] {
  const sign = (direction: string | undefined) => (direction === 'DESC' ? -1 : 1);
  const order = (a: DemoAccount, b: DemoAccount) => {
    for (const { field, direction } of orderBy) {
      const found = compare(keys[field](a), keys[field](b)) * sign(direction);
      if (found !== 0) return found;
    }
    return compare(a.id, b.id) * sign(orderBy.at(-1)?.direction);
  };
  return [...own].sort(order).map(({ id }) => id);
}

const step = fc.record({
  field: fc.constantFrom<Step['field']>('NAME', 'CREATED_AT', 'EMPLOYEE_COUNT'),
  direction: fc.constantFrom<Step['direction']>('ASC', 'DESC'),
});

describe('a list of accounts', () => {
  it('visits each row exactly once and in order, whatever the order and the size of pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 17, max: 100 }),
        async (orderBy, first) => {
          expect(await walk(first, { orderBy })).toEqual(sorted(orderBy));
        },
      ),
      { numRuns: 14 },
    );
  });

  it('visits each row that stays exactly once while others come and go', async () => {
    const seen: string[] = [];
    const rows = crm.store.connection.collection('crm_accounts');
    const template = await rows.findOne({ _id: own[50]?.id as never });
    for (let after: string | null = null, page = 0; ; page += 1) {
      const { data } = await ask({ first: 20, after, orderBy: [{ field: 'NAME', direction: 'ASC' }] });
      seen.push(...data.accounts.nodes.map(({ id }: { id: string }) => id));
      await rows.insertOne({
        ...template,
        _id: `acc_${String(page).padStart(26, '0')}` as never,
        nameKey: page % 2 ? 'a' : 'zz',
      });
      await rows.deleteOne({ _id: `acc_${String(page - 1).padStart(26, '0')}` as never });
      if (!data.accounts.pageInfo.hasNextPage) break;
      after = data.accounts.pageInfo.endCursor;
    }
    await rows.deleteMany({ _id: /^acc_0{20}/ as never });
    const stayed = seen.filter((id) => own.some((account) => account.id === id));
    expect(stayed).toEqual(sorted([{ field: 'NAME', direction: 'ASC' }]));
  });

  it('begins with the newest, 20 to a page, and says where the page stands', async () => {
    const { data } = await ask({});
    const { nodes, edges, pageInfo, totalCount } = data.accounts;
    expect(nodes.map(({ id }: { id: string }) => id)).toEqual(
      sorted([{ field: 'CREATED_AT', direction: 'DESC' }]).slice(0, 20),
    );
    expect(edges.map(({ node }: { node: { id: string } }) => node)).toEqual(nodes);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: edges[0].cursor,
      endCursor: edges[19].cursor,
    });
    expect(totalCount).toBe(130);
    const next = (await ask({ after: pageInfo.endCursor })).data.accounts;
    expect(next.pageInfo.hasPreviousPage).toBe(true);
  });

  it('has nothing to say of an empty page', async () => {
    const { data } = await ask({ filter: { name: { eq: 'nobody at all' } } });
    expect(data.accounts).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: 0,
    });
  });

  it.each([
    ['no rows', { first: 0 }],
    ['fewer', { first: -1 }],
    ['more than 100 rows', { first: 101 }],
    ['three orders', { orderBy: Array(3).fill({ field: 'NAME' }) }],
    ['an unknown order', { orderBy: [{ field: 'COLOUR' }] }],
    ['a filter by null', { filter: { name: { eq: null } } }],
    ['an operator of the store', { filter: { name: { $ne: '' } } }],
    ['a document for a text', { filter: { name: { eq: { $ne: '' } } } }],
    ['a moment that is none', { filter: { createdAt: { gt: 'yesterday' } } }],
  ])('refuses %s', async (_what, variables) => {
    expect(await codes(variables)).toEqual(['BAD_USER_INPUT']);
  });

  it('refuses a cursor of another list, filter, order or tenant, and one that is none', async () => {
    const after = (await ask({ first: 5 })).data.accounts.pageInfo.endCursor;
    expect(await codes({ first: 9, after })).toBeUndefined();
    expect(await codes({ after, orderBy: [{ field: 'NAME' }] })).toEqual(['CURSOR_INVALID']);
    expect(await codes({ after, filter: { kind: { eq: 'CUSTOMER' } } })).toEqual(['CURSOR_INVALID']);
    expect(await codes({ after }, 'globex')).toEqual(['CURSOR_INVALID']);
    expect(await codes({ after: 'bm90IGEgY3Vyc29y' })).toEqual(['CURSOR_INVALID']);
    const contacts = await crm.ask('query ($after: String) { contacts(after: $after) { nodes { id } } }', { after });
    expect(contacts.errors?.[0]?.extensions?.['code']).toBe('CURSOR_INVALID');
  });
});

const name = (account: DemoAccount) => foldText(account.name);
const middle = own[60] as DemoAccount;
const CASES: [string, Record<string, unknown>, (account: DemoAccount) => boolean][] = [
  ['name eq', { name: { eq: middle.name.toUpperCase() } }, (a) => a.name === middle.name],
  ['name in', { name: { in: [middle.name, 'nobody'] } }, (a) => a.name === middle.name],
  ['name startsWith', { name: { startsWith: 'Br' } }, (a) => name(a).startsWith('br')],
  ['name contains', { name: { contains: 'WOOD' } }, (a) => name(a).includes('wood')],
  ['domain', { domain: { eq: middle.domain.toUpperCase() } }, (a) => a.domain === middle.domain],
  ['domain isNull', { domain: { isNull: true } }, () => false],
  ['industry', { industry: { eq: 'software' } }, (a) => a.industry === 'Software'],
  ['kind in', { kind: { in: ['CUSTOMER', 'PARTNER'] } }, (a) => ['CUSTOMER', 'PARTNER'].includes(a.kind)],
  ['lifecycle', { lifecycleStage: { eq: 'EVANGELIST' } }, (a) => a.lifecycleStage === 'EVANGELIST'],
  ['size range', { employeeCount: { gte: 20, lt: 80 } }, (a) => (sizeOf(a) ?? 0) >= 20 && (sizeOf(a) ?? 99) < 80],
  ['size isNull', { employeeCount: { isNull: true } }, (a) => sizeOf(a) === null],
  ['size not null', { employeeCount: { isNull: false } }, (a) => sizeOf(a) !== null],
  ['parent', { parentId: { isNull: false } }, (a) => a.parentId !== null],
  [
    'createdAt',
    { createdAt: { lte: new Date(middle.createdAt).toISOString() } },
    (a) => a.createdAt <= middle.createdAt,
  ],
  ['not', { not: { kind: { eq: 'CUSTOMER' } } }, (a) => a.kind !== 'CUSTOMER'],
  [
    'or',
    { or: [{ kind: { eq: 'PARTNER' } }, { industry: { eq: 'Retail' } }] },
    (a) => a.kind === 'PARTNER' || a.industry === 'Retail',
  ],
  ['or of none', { or: [] }, () => false],
  ['and of none', { and: [] }, () => true],
  [
    'all together',
    {
      not: { or: [{ kind: { eq: 'CUSTOMER' } }, { employeeCount: { gt: 100 } }] },
      and: [{ name: { contains: 'a' } }, { name: { contains: 'e' } }],
    },
    (a) => !(a.kind === 'CUSTOMER' || (sizeOf(a) ?? 0) > 100) && name(a).includes('a') && name(a).includes('e'),
  ],
];

describe('a filter of accounts', () => {
  it.each(CASES)('by %s finds what a look at every row finds', async (_what, filter, matches) => {
    const expected = own.filter(matches).map(({ id }) => id);
    expect((await walk(100, { filter })).sort()).toEqual(expected.sort());
    expect((await ask({ filter, first: 1 })).data.accounts.totalCount).toBe(expected.length);
  });

  it('has cases that find some and not all', () => {
    const telling = CASES.filter(([, , matches]) => own.some(matches) && !own.every(matches));
    expect(telling.length).toBeGreaterThan(12);
  });
});
