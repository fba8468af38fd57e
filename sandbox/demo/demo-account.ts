import type { CompanyName } from './company-name.ts';
import { makeContacts } from './demo-contact.ts';
import { demoId } from './demo-id.ts';
import { pickCountry, settle } from './places.ts';
import type { Random } from './random.ts';
import type { DemoAccount } from './types.ts';

type Kind = DemoAccount['kind'];
type Stage = DemoAccount['lifecycleStage'];

const KINDS: readonly (readonly [Kind, number])[] = [
  ['CUSTOMER', 46],
  ['PROSPECT', 34],
  ['FORMER_CUSTOMER', 12],
  ['PARTNER', 8],
];

/** How far the relation has come, by kind. */
const STAGES: Readonly<Record<Kind, readonly (readonly [Stage, number])[]>> = {
  CUSTOMER: [
    ['CUSTOMER', 88],
    ['EVANGELIST', 12],
  ],
  PROSPECT: [
    ['LEAD', 40],
    ['MARKETING_QUALIFIED', 25],
    ['SALES_QUALIFIED', 20],
    ['OPPORTUNITY', 15],
  ],
  FORMER_CUSTOMER: [['CUSTOMER', 1]],
  PARTNER: [
    ['CUSTOMER', 40],
    ['LEAD', 60],
  ],
};

const MEDIAN_EMPLOYEES = 45;
const SPREAD = 1.25;
const FEWEST = 3;
const MOST = 25_000;

/** What an account of the demo begins with. */
export interface Beginning {
  readonly tenant: string;
  readonly company: CompanyName;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly now: number;
  /** Accounts of the tenant that are older. */
  readonly older: readonly DemoAccount[];
}

/** An organisation with its people. */
export function makeAccount({ tenant, company, createdAt, now, older }: Beginning, random: Random): DemoAccount {
  const country = pickCountry(random);
  const { addresses, timeZone } = settle(country, random);
  const kind = random.weighted(KINDS);
  const lifecycleStage = random.weighted(STAGES[kind]);
  const employeeCount = countEmployees(company.size, random);
  const perHead = 60_000 + random.next() * 190_000;
  const own = { domain: company.domain, lifecycleStage, createdAt };
  return {
    ...own,
    id: demoId('acc', createdAt, random),
    tenant,
    name: company.name,
    legalName: `${company.name} ${random.pick(country.forms)}`,
    industry: company.industry,
    kind,
    employeeCount,
    annualRevenue: { minor: Math.round((employeeCount * perHead) / 1_000) * 100_000, currency: country.currency },
    phone: country.phone(random),
    addresses,
    parentId: random.chance(0.04) && older.length > 0 ? random.pick(older).id : null,
    contacts: makeContacts({ account: own, country, timeZone, now }, random),
  };
}

/** Sizes of firms are about log-normal: many small, few large. */
function countEmployees(size: number, random: Random): number {
  const count = Math.round(MEDIAN_EMPLOYEES * size * Math.exp(SPREAD * random.normal()));
  return Math.min(MOST, Math.max(FEWEST, count));
}
