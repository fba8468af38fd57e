import { domainToASCII } from 'node:url';
import { foldText } from '../../kit/fold-text.ts';
import { readText } from '../../kit/text-input.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import type { Crm } from '../client.ts';
import { readAddresses } from '../parts/addresses.ts';
import { checkLifecycle } from '../parts/lifecycle.ts';
import { readMoney } from '../parts/money-input.ts';
import { readPhones } from '../parts/phones.ts';
import { checkReference } from '../record/check-reference.ts';
import { checkNoCycle } from '../record/hierarchy.ts';
import type { RecordKind, Verification } from '../record/record-kind.ts';
import type { AccountRow } from './account-row.ts';

const MAX_EMPLOYEES = 100_000_000;
const EXPECTED_DOMAIN = 'an internet domain, for example fernhollow.example';
/** What a URL has around its host would otherwise be dropped in silence. */
const BARE_HOST = { max: 253, pattern: /^[^\s/?#@:%\\]+$/, expected: EXPECTED_DOMAIN } as const;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

/** How accounts are written. */
export function accountKind(crm: Crm): RecordKind<AccountRow> {
  return {
    typename: 'Account',
    prefix: 'acc',
    topic: 'crm.account',
    model: crm.accounts,
    empty: EMPTY,
    readers: READERS,
    derive: ({ name, industry }) => ({
      nameKey: foldText(name),
      industryKey: industry === null ? null : foldText(industry),
    }),
    graphNames: { parentId: 'parent', primaryContactId: 'primaryContact' },
    verify: (verification) => verify(crm, verification),
    facts: () => ({}),
  };
}

const EMPTY = {
  name: '',
  nameKey: '',
  legalName: null,
  domain: null,
  website: null,
  industry: null,
  industryKey: null,
  kind: 'PROSPECT',
  lifecycleStage: null,
  employeeCount: null,
  annualRevenue: null,
  phones: [],
  addresses: [],
  parentId: null,
  primaryContactId: null,
} as const;

const READERS: RecordKind<AccountRow>['readers'] = {
  name: (value, errors) => readText(value, 'name', { required: true }, errors) ?? '',
  legalName: (value, errors) => readText(value, 'legalName', {}, errors),
  domain: readDomain,
  website: readWebsite,
  industry: (value, errors) => readText(value, 'industry', {}, errors),
  kind: readKind,
  lifecycleStage: (value) => value ?? null,
  employeeCount: readEmployees,
  annualRevenue: (value, errors) => readMoney(value, 'annualRevenue', errors),
  phones: readPhones,
  addresses: readAddresses,
  parentId: (value) => value ?? null,
  primaryContactId: (value) => value ?? null,
};

function readKind(value: unknown, errors: UserErrors): unknown {
  if (value === null) errors.add('REQUIRED', 'kind', 'This must not be empty.');
  return value ?? EMPTY.kind;
}

function readDomain(value: unknown, errors: UserErrors): string | null {
  const text = readText(value, 'domain', BARE_HOST, errors);
  if (text === null) return null;
  const ascii = domainToASCII(text.toLowerCase());
  if (DOMAIN.test(ascii)) return ascii;
  errors.add('INVALID', 'domain', `This must be ${EXPECTED_DOMAIN}.`);
  return null;
}

function readWebsite(value: unknown, errors: UserErrors): string | null {
  const text = readText(value, 'website', { max: 2_000 }, errors);
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return text;
  errors.add('INVALID', 'website', 'This must be an http or https address.');
  return null;
}

function readEmployees(value: unknown, errors: UserErrors): number | null {
  if (typeof value !== 'number') return null;
  if (value >= 0 && value <= MAX_EMPLOYEES) return value;
  errors.add('OUT_OF_RANGE', 'employeeCount', `This must be 0 to ${MAX_EMPLOYEES}.`);
  return null;
}

async function verify(crm: Crm, { next, previous, input, session, errors }: Verification<AccountRow>): Promise<void> {
  const { _id: id, tenant, parentId, primaryContactId } = next;
  checkLifecycle(previous?.lifecycleStage ?? null, next.lifecycleStage, input['forceLifecycleStage'] === true, errors);
  if (parentId !== null && parentId !== previous?.parentId) {
    await crm.hierarchy.take('account', tenant, session);
    await checkReference(crm.accounts, { tenant, id: parentId, path: 'parentId' }, session, errors);
    const link = { model: crm.accounts, tenant, id, superiorId: parentId, path: 'parentId' };
    await checkNoCycle({ ...link, above: (row) => row.parentId }, session, errors);
  }
  if (primaryContactId === null || primaryContactId === previous?.primaryContactId) return;
  const path = 'primaryContactId';
  const contact = await checkReference(crm.contacts, { tenant, id: primaryContactId, path }, session, errors);
  if (contact && contact.accountId !== id)
    errors.add('INVALID', path, 'That contact belongs to another account or to none.');
}
