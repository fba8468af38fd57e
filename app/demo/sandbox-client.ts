import { AppError } from '../../lib/errors.ts';
import { SANDBOX_ACCOUNTS } from '../sandboxes.ts';

/** What the demo does at the vendor, over the vendor's own API. */
export interface SandboxClient {
  /** By bank transfer, that is out of band: the customer has no card on file. https://docs.stripe.com/api/invoices/pay */
  payInvoice(id: string): Promise<void>;
}

/** A client of the default account of the Stripe sandbox at `url`. */
export function createSandboxClient(url: string): SandboxClient {
  return {
    payInvoice: async (id) => {
      const response = await fetch(`${url}/v1/invoices/${encodeURIComponent(id)}/pay`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${SANDBOX_ACCOUNTS.default.apiKey}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ paid_out_of_band: 'true' }),
      }).catch((cause) => {
        throw new AppError('VENDOR_UNAVAILABLE', `No Stripe sandbox answers at ${url}. Name it by --sandbox.`, {
          cause,
        });
      });
      if (!response.ok)
        throw new AppError('VENDOR_REJECTED', `The sandbox answered ${response.status}: ${await response.text()}`);
    },
  };
}
