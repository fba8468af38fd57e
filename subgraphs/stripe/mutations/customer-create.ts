import type { Model } from 'mongoose';
import { prefixOf } from '../../../lib/ids.ts';
import type { Service, SubgraphContext } from '../../kit/service.ts';
import { readText } from '../../kit/text-input.ts';
import { type UserErrorCode, UserErrors } from '../../kit/user-errors.ts';
import type { StripeRefusal } from '../client/refusal.ts';
import type { StripeClients } from '../client.ts';
import { ACCOUNT_KEY } from '../mapping/index.ts';
import type { CustomerRow } from '../mirror/rows.ts';
import { writeToVendor } from './vendor-write.ts';

/** `StripeCustomerCreateInput`. */
export interface CustomerCreateInput {
  readonly accountId: string;
  readonly name: string;
  readonly email?: string | null;
  readonly idempotencyKey?: string | null;
}

const EMAIL = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;

/** Creates the customer of an account at Stripe, which names the account in its metadata. */
export async function createCustomer(
  service: Service<StripeClients>,
  customers: Model<CustomerRow>,
  input: CustomerCreateInput,
  context: SubgraphContext,
) {
  const invalid = new UserErrors();
  const name = readText(input.name, 'name', { max: 256, required: true }, invalid);
  const email = readText(input.email, 'email', { max: 512, pattern: EMAIL, expected: 'an e-mail address' }, invalid);
  if (prefixOf(input.accountId) !== 'acc') invalid.add('NOT_FOUND', 'accountId', 'There is no such account.');
  const { tenant } = context.identity;
  const { record, userErrors } = await writeToVendor(service, context, {
    name: 'stripeCustomerCreate',
    input: { ...input },
    noun: 'customer',
    verbOf: () => 'created',
    check: async (_mirror, errors) => {
      errors.list.push(...invalid.list);
      const { accountId } = input;
      if (errors.isEmpty && !(await service.runtime.exists(tenant, [accountId])).has(accountId))
        errors.add('NOT_FOUND', 'accountId', 'There is no such account.');
      if (errors.isEmpty && (await customers.exists({ tenant, accountId, deletedAt: null } as object)))
        errors.add('CONFLICT', 'accountId', 'The account has a Stripe customer.');
    },
    send: (client, key) =>
      client.createCustomer(
        { name: name ?? '', email: email ?? undefined, metadata: { [ACCOUNT_KEY]: input.accountId } },
        key,
      ),
    blame,
    // Deleted ones count: after one of them the next is another.
    oneOf: async () => [input.accountId, await customers.countDocuments({ tenant, accountId: input.accountId })],
    accountOf: async () => input.accountId,
  });
  return { customer: record, account: record && { __typename: 'Account', id: input.accountId }, userErrors };
}

/** Another customer of the account is being made at the same time when Stripe knows the key from other parameters. */
function blame({ type, param }: StripeRefusal): { readonly code: UserErrorCode; readonly path: string } {
  if (type === 'idempotency_error') return { code: 'CONFLICT', path: 'accountId' };
  return { code: 'INVALID', path: param === 'email' || param === 'name' ? param : '' };
}
