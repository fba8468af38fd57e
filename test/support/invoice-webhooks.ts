import Stripe from 'stripe';
import { SANDBOX_ACCOUNTS } from '../../app/sandboxes.ts';

/** Posts `invoice.created` webhooks of invoices that exist nowhere but in them, signed by Stripe's own package. */
export interface InvoiceWebhooks {
  /** The HTTP status; rejects when the connection breaks. `path` sends it elsewhere than to the account's own webhook. */
  post(name: string, path?: string): Promise<number>;
}

/** Takes any invoice of the sandbox as the template, so that customer and account resolve. */
export async function createInvoiceWebhooks(options: {
  url: string;
  sandboxPort: number;
  account?: keyof typeof SANDBOX_ACCOUNTS;
}): Promise<InvoiceWebhooks> {
  const { url, sandboxPort, account = 'default' } = options;
  const { apiKey, webhookSecret } = SANDBOX_ACCOUNTS[account];
  const stripe = new Stripe(apiKey, { host: '127.0.0.1', port: sandboxPort, protocol: 'http', telemetry: false });
  const [template] = (await stripe.invoices.list({ limit: 1 })).data;
  if (!template) throw new Error('The sandbox has no invoice.');
  return {
    post: async (name, path = account === 'default' ? '/webhooks/stripe' : `/webhooks/stripe/${account}`) => {
      const payload = JSON.stringify(toEvent(name, template));
      const header = stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret });
      const headers = { 'stripe-signature': header, 'content-type': 'application/json' };
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: payload });
      await answer.arrayBuffer();
      return answer.status;
    },
  };
}

/** The invoice's id is `in_<name>`, the event's `evt_<name>`. */
function toEvent(name: string, template: Stripe.Invoice) {
  const created = Math.floor(Date.now() / 1000);
  return {
    id: `evt_${name}`,
    object: 'event',
    type: 'invoice.created',
    created,
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: { object: { ...template, id: `in_${name}`, created } },
  };
}
