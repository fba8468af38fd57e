import { buildPrice, buildProduct, type Price, type Product } from '../objects/catalog.ts';
import { createIds } from '../objects/ids.ts';
import { createDraw } from './random.ts';

/** One thing that is sold: how it is called, and its price for a month and for a year, in cents. */
const PLANS = [
  { name: 'Starter', description: 'For a first team.', month: 4_900, year: 49_000 },
  { name: 'Team', description: 'For several teams.', month: 14_900, year: 149_000 },
  { name: 'Business', description: 'For a whole company.', month: 49_900, year: 499_000 },
  { name: 'Enterprise', description: 'For several companies.', month: 149_000, year: 1_490_000 },
] as const;

/** Products and prices of an account's catalogue. */
export interface Plans {
  readonly objects: readonly (Product | Price)[];
  /** The price of the n-th plan. */
  readonly price: (plan: number, interval: 'month' | 'year', currency: string) => Price;
  readonly count: number;
}

/** The catalogue, in these currencies; the same for the same seed and tenant. */
export function seedPlans(seed: string, created: number, currencies: readonly string[]): Plans {
  const newId = createIds(createDraw(seed, 'plans'));
  const prices = new Map<string, Price>();
  const objects: (Product | Price)[] = [];
  for (const [index, plan] of PLANS.entries()) {
    const product = buildProduct({ id: newId('prod'), created, name: plan.name, description: plan.description });
    objects.push(product);
    for (const currency of currencies)
      for (const interval of ['month', 'year'] as const) {
        const price = buildPrice({
          id: newId('price'),
          created,
          currency,
          product: product.id,
          unitAmount: plan[interval],
          nickname: `${plan.name}, by the ${interval}`,
          recurring: { interval, interval_count: 1 },
        });
        prices.set(`${index}:${interval}:${currency}`, price);
        objects.push(price);
      }
  }
  const price = (plan: number, interval: string, currency: string) =>
    prices.get(`${plan}:${interval}:${currency}`) as Price;
  return { objects, price, count: PLANS.length };
}
