import { createNamer } from './company-name.ts';
import { makeAccount } from './demo-account.ts';
import { createRandom, type Random } from './random.ts';
import type { DemoAccount, DemoData } from './types.ts';

const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** 18 months. */
const HISTORY_MS = 548 * DAY_MS;

/** How many accounts each tenant has. */
const TENANTS = { acme: 1_700, globex: 300 } as const;

/** What to generate. */
export interface DemoOptions {
  /** @default 1 */
  readonly seed?: number;
  /** End of the history, in milliseconds since the epoch. */
  readonly now: number;
  /** Accounts by tenant. @default acme 1,700 and globex 300 */
  readonly tenants?: Readonly<Record<string, number>>;
}

/** About 2,000 invented accounts with their people over 18 months. The same for the same options, down to every id. */
export function generateDemo({ seed = 1, now, tenants = TENANTS }: DemoOptions): DemoData {
  const random = createRandom(seed);
  const accounts = Object.entries(tenants).flatMap(([tenant, count]) => makeTenant(tenant, count, now, random));
  return { seed, now, accounts };
}

function makeTenant(tenant: string, count: number, now: number, random: Random): DemoAccount[] {
  const nextName = createNamer(random);
  const times = Array.from({ length: count }, () => pickTime(now, random)).sort((a, b) => a - b);
  const accounts: DemoAccount[] = [];
  for (const createdAt of times)
    accounts.push(makeAccount({ tenant, company: nextName(), createdAt, now, older: accounts }, random));
  return accounts;
}

/** A growing firm wins more accounts later on; they are entered on weekdays, by day. */
function pickTime(now: number, random: Random): number {
  // A straight line of accounts a day: from 3 at the beginning to 10 at the end.
  const age = HISTORY_MS * (1 - (Math.sqrt(0.09 + 0.91 * random.next()) - 0.3) / 0.7);
  const midnight = Math.floor((now - age) / DAY_MS) * DAY_MS;
  const weekday = new Date(midnight).getUTCDay();
  const shift = weekday === 6 ? -1 : weekday === 0 ? -2 : 0;
  const time = midnight + shift * DAY_MS + 7 * HOUR_MS + Math.floor(random.next() * 11 * HOUR_MS);
  return Math.min(Math.max(time, now - HISTORY_MS), now);
}
