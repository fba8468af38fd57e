import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../lib/errors.ts';
import { refusalOf } from '../../../../subgraphs/stripe/client/refusal.ts';
import { createStripeClient, STRIPE_VERSION } from '../../../../subgraphs/stripe/client/stripe-client.ts';

const CONNECTION = { baseUrl: 'https://stripe.example', apiKey: 'sk_test_canary' };
const DATE = 'Fri, 20 Nov 2026 12:00:07 GMT';

/** A client whose vendor gives one answer, and what it was asked. */
function clientOf(status: number, body: unknown, headers: Record<string, string> = { date: DATE }) {
  const asked: { url: string; init: RequestInit }[] = [];
  const answer: typeof fetch = async (url, init) => {
    asked.push({ url: String(url), init: init as RequestInit });
    return new Response(JSON.stringify(body), { status, headers });
  };
  return { client: createStripeClient(CONNECTION, { fetch: answer, maxAttempts: 1 }), asked };
}

describe('the Stripe client', () => {
  it('pins the API version and names the key with every request', async () => {
    const { client, asked } = clientOf(200, { id: 'in_1' });
    await client.get('invoices', 'in_1');
    await client.createCustomer({ name: 'Zoë & Co', metadata: { a: 'b' } }, 'k1');
    for (const { init } of asked)
      expect(init.headers).toMatchObject({ authorization: 'Bearer sk_test_canary', 'stripe-version': STRIPE_VERSION });
    expect(asked[1]?.init).toMatchObject({
      body: 'name=Zo%C3%AB+%26+Co&metadata%5Ba%5D=b',
      headers: { 'idempotency-key': 'k1' },
    });
  });

  it('keeps ids within their place in the path', async () => {
    const { client, asked } = clientOf(200, {});
    await client.get('customers', '../events?x=1#');
    expect(asked[0]?.url).toBe('https://stripe.example/v1/customers/..%2Fevents%3Fx%3D1%23');
  });

  it('says of when an answer certainly is, by Stripe’s clock, never later', async () => {
    const { client } = clientOf(200, { id: 'in_1' });
    const asOf = (await client.get('invoices', 'in_1'))?.asOf ?? 0;
    expect(asOf).toBeLessThanOrEqual(Date.parse(DATE) / 1_000);
    expect(asOf).toBeGreaterThanOrEqual(Date.parse(DATE) / 1_000 - 2);
  });

  it('knows nothing of when an answer without a date is', async () => {
    expect((await clientOf(200, {}, {}).client.get('invoices', 'in_1'))?.asOf).toBe(0);
  });

  it('gives the next page’s cursor, and null on the last', async () => {
    const data = [{ id: 'in_2' }, { id: 'in_1' }];
    const page = await clientOf(200, { object: 'list', data, has_more: true }).client.list('invoices', { limit: 2 });
    expect(page.body).toEqual({ data, next: 'in_1' });
    const last = await clientOf(200, { object: 'list', data, has_more: false }).client.list('invoices');
    expect(last.body.next).toBeNull();
  });

  it('takes what is no list for no answer', async () => {
    await expect(clientOf(200, { id: 'in_1' }).client.list('invoices')).rejects.toMatchObject({
      code: 'VENDOR_UNAVAILABLE',
    });
  });

  it('gives null for what does not exist, and throws whatever else is refused', async () => {
    expect(await clientOf(404, { error: { code: 'resource_missing' } }).client.get('invoices', 'x')).toBeNull();
    await expect(clientOf(401, {}).client.get('invoices', 'x')).rejects.toMatchObject({ code: 'VENDOR_REJECTED' });
  });

  it('keeps what Stripe said of a refusal, for those who know Stripe', async () => {
    const error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.', param: '' };
    const thrown: unknown = await clientOf(402, { error })
      .client.payInvoice('in_1', 'k1')
      .catch((reason: unknown) => reason);
    expect(refusalOf(thrown)).toEqual({ status: 402, ...error });
    expect(
      refusalOf(
        await clientOf(400, 'no')
          .client.payInvoice('in_1', 'k1')
          .catch((reason: unknown) => reason),
      ),
    ).toMatchObject({ status: 400, type: 'api_error' });
    expect(refusalOf(new AppError('VENDOR_UNAVAILABLE', 'x'))).toBeNull();
    expect(refusalOf(new Error('x'))).toBeNull();
  });
});
