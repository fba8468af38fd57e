import { describe, expect, it } from 'vitest';
import { prefixOf } from '../../../lib/ids.ts';
import { generateDemo } from '../../../sandbox/demo/generate-demo.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const MONTHS_18 = 548 * 24 * 3_600_000;
const demo = generateDemo({ seed: 7, now: NOW });
const contacts = demo.accounts.flatMap((account) => account.contacts);
function countBy<Item>(items: readonly Item[], key: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

describe('the demo data', () => {
  it('is the same for the same seed and moment, down to every id', () => {
    expect(generateDemo({ seed: 7, now: NOW })).toEqual(demo);
  });

  it('is another for another seed', () => {
    expect(generateDemo({ seed: 8, now: NOW }).accounts[0]).not.toEqual(demo.accounts[0]);
  });

  it('has about 2,000 accounts in two tenants, with one to five contacts each', () => {
    expect(countBy(demo.accounts, ({ tenant }) => tenant)).toEqual({ acme: 1_700, globex: 300 });
    expect(demo.accounts.every((account) => account.contacts.length >= 1 && account.contacts.length <= 5)).toBe(true);
    expect(contacts.length).toBeGreaterThan(4_500);
  });

  it('gives every record an id of its own, whose time is the record’s', () => {
    const records = [...demo.accounts, ...contacts];
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    expect(new Set(demo.accounts.map(({ id }) => prefixOf(id)))).toEqual(new Set(['acc']));
    expect(new Set(contacts.map(({ id }) => prefixOf(id)))).toEqual(new Set(['con']));
    const byId = [...demo.accounts.filter(({ tenant }) => tenant === 'acme')].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId.map(({ createdAt }) => createdAt)).toEqual(
      [...byId].map(({ createdAt }) => createdAt).sort((a, b) => a - b),
    );
  });

  it('lies within the 18 months before its moment, and reaches both ends', () => {
    const times = [...demo.accounts, ...contacts].map(({ createdAt }) => createdAt);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(NOW - MONTHS_18);
    expect(Math.max(...times)).toBeLessThanOrEqual(NOW);
    expect(Math.min(...times)).toBeLessThan(NOW - 0.97 * MONTHS_18);
    expect(Math.max(...times)).toBeGreaterThan(NOW - 0.03 * MONTHS_18);
  });

  it('sends nobody mail: every domain is one of RFC 2606', () => {
    expect(demo.accounts.filter(({ domain }) => !domain.endsWith('.example'))).toEqual([]);
    expect(contacts.filter(({ email }) => !email.endsWith('.example'))).toEqual([]);
  });

  it('rings nobody’s telephone: numbers come from ranges kept for drama', () => {
    const fictional = /^(\+1 \d{3} 555 01\d\d|\+44 20 7946 0\d{3}|\+49 30 23125 \d{3}|\+33 1 99 00 \d\d \d\d)$/;
    expect(contacts.filter(({ phone }) => !fictional.test(phone))).toEqual([]);
  });

  it('has no domain twice in a tenant and no address twice at all within one', () => {
    for (const tenant of ['acme', 'globex']) {
      const own = demo.accounts.filter((account) => account.tenant === tenant);
      expect(new Set(own.map(({ domain }) => domain)).size).toBe(own.length);
      const emails = own.flatMap((account) => account.contacts.map(({ email }) => email));
      expect(new Set(emails).size).toBe(emails.length);
    }
  });

  it('refers only to older accounts of the same tenant and to colleagues', () => {
    const byId = new Map(demo.accounts.map((account) => [account.id, account]));
    const children = demo.accounts.filter(({ parentId }) => parentId !== null);
    expect(children.length).toBeGreaterThan(20);
    for (const child of children) {
      const parent = byId.get(child.parentId ?? '');
      expect(parent?.tenant).toBe(child.tenant);
      expect(parent?.createdAt).toBeLessThanOrEqual(child.createdAt);
    }
    for (const { contacts: people } of demo.accounts)
      expect(people.map(({ reportsToId }) => reportsToId)).toEqual(
        people.map((_, i) => (i === 0 ? null : people[0]?.id)),
      );
  });

  it('is varied: many lines of business, mostly small firms, every kind', () => {
    expect(Object.keys(countBy(demo.accounts, ({ industry }) => industry)).length).toBeGreaterThan(10);
    const sizes = demo.accounts.map(({ employeeCount }) => employeeCount).sort((a, b) => a - b);
    expect(sizes[1_000]).toBeGreaterThan(25);
    expect(sizes[1_000]).toBeLessThan(90);
    expect(sizes.at(-1)).toBeGreaterThan(1_000);
    const kinds = countBy(demo.accounts, ({ kind }) => kind);
    expect(Object.keys(kinds).sort()).toEqual(['CUSTOMER', 'FORMER_CUSTOMER', 'PARTNER', 'PROSPECT']);
    expect(kinds['CUSTOMER']).toBeGreaterThan(700);
  });
});
