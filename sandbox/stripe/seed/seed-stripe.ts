import { buildCustomer } from '../objects/customer.ts';
import { createIds } from '../objects/ids.ts';
import type { StripeObject } from '../objects/stripe-object.ts';
import { type Plan, seedHistory } from './history.ts';
import { type Plans, seedPlans } from './plans.ts';
import { createDraw } from './random.ts';

/** As much of a demo account as billing needs. */
export interface BilledAccount {
  /** The CRM's id; written to the customer's metadata. */
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly domain: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Only customers and former customers are billed. @default CUSTOMER */
  readonly kind?: 'PROSPECT' | 'CUSTOMER' | 'PARTNER' | 'FORMER_CUSTOMER';
  readonly employeeCount?: number;
  /** Whose currency is billed in. @default USD */
  readonly annualRevenue?: { readonly currency: string };
}

/** What the seed depends on: the same in, the same out, down to every id. */
export interface SeedOptions {
  readonly seed: number;
  /** Milliseconds since the epoch: the end of the history. */
  readonly now: number;
}

/** Metadata that names a customer's account in the CRM. */
const ACCOUNT_KEY = 'tributary_account_id';
const CURRENCIES = ['usd', 'eur', 'gbp'];
/** How far back the billing history goes, in days. */
const HISTORY_DAYS = 545;
const DAY = 86_400;

/**
 * The Stripe objects of one tenant's accounts, as the API would give them: catalogue, and for each billed account its
 * customer, a subscription and the invoices of up to 18 months. Accounts of one tenant only: a tenant is one Stripe account.
 */
export function seedStripe(accounts: readonly BilledAccount[], { seed, now }: SeedOptions): StripeObject[] {
  const end = Math.floor(now / 1_000);
  const key = `${seed}:${accounts[0]?.tenant ?? ''}`;
  const plans = seedPlans(key, end - (HISTORY_DAYS + 30) * DAY, CURRENCIES);
  return [...plans.objects, ...accounts.flatMap((account) => seedAccount(account, plans, key, end))];
}

function seedAccount(account: BilledAccount, plans: Plans, key: string, end: number): StripeObject[] {
  const { kind = 'CUSTOMER' } = account;
  const draw = createDraw(key, account.id);
  if (kind === 'PROSPECT' || kind === 'PARTNER' || draw(100) >= 85) return [];
  const newId = createIds(draw);
  const created = Math.max(Math.floor(account.createdAt / 1_000), end - HISTORY_DAYS * DAY) + draw(20 * DAY);
  if (created >= end) return [];
  const plan = choosePlan(account, draw);
  const customer = buildCustomer({
    id: newId('cus'),
    created,
    name: account.name,
    email: `billing@${account.domain}`,
    currency: plan.currency,
    paymentMethod: newId('pm'),
    metadata: { [ACCOUNT_KEY]: account.id },
  });
  return seedHistory({
    customer,
    plan,
    price: plans.price(plan.level, plan.interval, plan.currency),
    newId,
    draw,
    end,
  });
}

function choosePlan(account: BilledAccount, draw: (bound: number) => number): Plan {
  const size = account.employeeCount ?? 10 + draw(500);
  const level = size > 1_000 ? 3 : size > 200 ? 2 : size > 40 ? 1 : 0;
  const currency = account.annualRevenue?.currency.toLowerCase() ?? 'usd';
  return {
    level: Math.max(0, level - (draw(4) === 0 ? 1 : 0)),
    interval: draw(100) < 60 ? 'month' : 'year',
    currency: CURRENCIES.includes(currency) ? currency : 'usd',
    seats: 1 + draw(Math.min(40, Math.max(3, Math.floor(size / 20)))),
    sent: draw(100) < 30,
    ended: account.kind === 'FORMER_CUSTOMER' || draw(100) < 6,
  };
}
