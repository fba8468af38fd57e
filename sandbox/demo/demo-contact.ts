import { demoId } from './demo-id.ts';
import type { Country } from './places.ts';
import type { Random } from './random.ts';
import type { DemoAccount, DemoContact } from './types.ts';
import { FAMILY_NAMES, GIVEN_NAMES, LEADING_JOBS, OTHER_JOBS } from './words.ts';

/** What a contact takes from its account. */
interface Home {
  readonly account: Pick<DemoAccount, 'domain' | 'lifecycleStage' | 'createdAt'>;
  readonly country: Country;
  readonly timeZone: string;
  readonly now: number;
}

const SIZES = [
  [1, 24],
  [2, 30],
  [3, 24],
  [4, 14],
  [5, 8],
] as const;

/** One to five people of an account, the one who leads first. */
export function makeContacts(home: Home, random: Random): DemoContact[] {
  const contacts: DemoContact[] = [];
  const taken = new Set<string>();
  const count = random.weighted(SIZES);
  while (contacts.length < count) contacts.push(makeContact(home, contacts[0] ?? null, taken, random));
  return contacts;
}

function makeContact(home: Home, leader: DemoContact | null, taken: Set<string>, random: Random): DemoContact {
  const { account, country, timeZone, now } = home;
  const givenName = random.pick(GIVEN_NAMES);
  const familyName = random.pick(FAMILY_NAMES);
  const [jobTitle, department] = random.pick<readonly [string, string]>(leader ? OTHER_JOBS : LEADING_JOBS);
  const createdAt = leader ? laterThan(account.createdAt, now, random) : account.createdAt;
  return {
    id: demoId('con', createdAt, random),
    givenName,
    familyName,
    email: addressOf(`${givenName}.${familyName}`.toLowerCase(), account.domain, taken),
    phone: country.phone(random),
    jobTitle,
    department,
    reportsToId: leader?.id ?? null,
    locale: country.locale,
    timeZone,
    lifecycleStage: leader && random.chance(0.3) ? 'LEAD' : account.lifecycleStage,
    createdAt,
  };
}

/** People turn up within the first four months of an account, never in the future. */
function laterThan(start: number, now: number, random: Random): number {
  const longest = Math.min(now - start, 120 * 24 * 3_600_000);
  return start + Math.floor(random.next() * longest);
}

function addressOf(name: string, domain: string, taken: Set<string>): string {
  for (let number = 1; ; number += 1) {
    const address = `${name}${number === 1 ? '' : number}@${domain}`;
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
}
