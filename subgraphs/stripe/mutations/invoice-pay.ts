import type { Service, SubgraphContext } from '../../kit/service.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import { fromVendorId } from '../../kit/vendor-id.ts';
import type { StripeClients } from '../client.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { InvoiceRow } from '../mirror/rows.ts';
import { writeToVendor } from './vendor-write.ts';

/** `StripeInvoicePayInput`. */
export interface InvoicePayInput {
  readonly id: string;
  readonly ifVersion?: number | null;
  readonly idempotencyKey?: string | null;
}

/** Pays an open invoice at Stripe, with what the customer has given to pay with. */
export async function payInvoice(service: Service<StripeClients>, input: InvoicePayInput, context: SubgraphContext) {
  const externalId = fromVendorId(input.id)?.externalId ?? '';
  const { record, userErrors } = await writeToVendor(service, context, {
    name: 'stripeInvoicePay',
    input: { ...input },
    noun: 'invoice',
    verbOf: (row) => ((row as InvoiceRow).status === 'paid' ? 'paid' : 'updated'),
    check: (mirror, errors) => checkPayable(mirror, input, errors),
    send: (client, key) => client.payInvoice(externalId, key),
    blame: ({ status }) => ({ code: status === 404 ? 'NOT_FOUND' : 'CONFLICT', path: 'id' }),
    oneOf: async () => null,
    accountOf: async (mirror) => (await mirror.find('invoice', input.id))?.accountId ?? null,
  });
  return { invoice: record, userErrors };
}

async function checkPayable(mirror: Mirror, { id, ifVersion }: InvoicePayInput, errors: UserErrors): Promise<void> {
  const invoice = (await mirror.find('invoice', id)) as InvoiceRow | null;
  if (!invoice || invoice.deletedAt) errors.add('NOT_FOUND', 'id', 'There is no such invoice.');
  else if (typeof ifVersion === 'number' && invoice.version !== ifVersion)
    errors.add('CONFLICT', 'ifVersion', 'The invoice changed since it was read.');
}
