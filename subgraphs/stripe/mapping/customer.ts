import type { CustomerContent } from '../mirror/rows.ts';
import { type Mapped, stripeId } from './mapped.ts';
import { readObject, toDate } from './read.ts';
import { customerObject } from './vendor-objects.ts';

/** The metadata key by which a Stripe customer names its account in the CRM. */
export const ACCOUNT_KEY = 'tributary_account_id';

/** A customer of a connection. AppError EVENT_INVALID when it cannot be read. */
export function mapCustomer(connection: string, json: unknown): Mapped {
  const customer = readObject(customerObject, 'customer', json);
  const content: CustomerContent = {
    accountId: customer.metadata?.[ACCOUNT_KEY] || null,
    name: customer.name ?? null,
    email: customer.email ?? null,
    currency: customer.currency ?? null,
    balance: customer.balance ?? 0,
    delinquent: customer.delinquent ?? false,
  };
  return {
    noun: 'customer',
    id: stripeId(connection, customer.id),
    externalId: customer.id,
    createdAt: toDate(customer.created),
    customer: null,
    content: { ...content },
  };
}
