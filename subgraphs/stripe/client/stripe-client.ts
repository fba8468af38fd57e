import { AppError } from '../../../lib/errors.ts';
import type { Connection } from '../../kit/connections.ts';
import { createHttpClient, type HttpAnswer, type HttpClientOptions, VendorFailure } from '../../kit/http-client.ts';
import { encodeForm, type FormParameter } from './form.ts';

/** The API version every request asks for, so that an upgrade of the account changes nothing here. https://docs.stripe.com/api/versioning */
export const STRIPE_VERSION = '2026-08-26.dahlia';

/** Kinds of objects the client reads. */
export type Resource = 'customers' | 'subscriptions' | 'invoices' | 'events';

/** Something the API said. */
export interface Spoken<Body> {
  readonly body: Body;
  /** Seconds of Stripe's clock: what was said is at least as new as this. */
  readonly asOf: number;
}

/** A page of a list. */
export interface StripePage {
  /** Newest first, unread: mapping judges them. */
  readonly data: readonly unknown[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
}

/** How a list is asked for. */
export interface ListQuery {
  /** 1 to 100. @default 100 */
  readonly limit?: number;
  /** An object's id: what follows it. */
  readonly startingAfter?: string;
  /** Other parameters of the list, for example `{ status: 'all' }`. */
  readonly where?: { readonly [name: string]: FormParameter };
}

/** What a customer is created from. */
export interface NewCustomer {
  readonly name: string;
  readonly email?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The Stripe API of one connection. Errors are the HTTP client's. https://docs.stripe.com/api */
export interface StripeClient {
  /** Null when it does not exist; a deleted customer is `{ id, deleted: true }`. */
  get(resource: Resource, id: string): Promise<Spoken<unknown> | null>;
  list(resource: Resource, query?: ListQuery): Promise<Spoken<StripePage>>;
  createCustomer(customer: NewCustomer, idempotencyKey: string): Promise<Spoken<unknown>>;
  /** AppError VENDOR_REJECTED when Stripe does not take the money: declined, already paid, no payment method. */
  payInvoice(id: string, idempotencyKey: string): Promise<Spoken<unknown>>;
}

/** A client of a connection. */
export function createStripeClient(
  connection: Pick<Connection, 'baseUrl' | 'apiKey'>,
  options: Partial<Omit<HttpClientOptions, 'vendor' | 'baseUrl' | 'headers'>> = {},
): StripeClient {
  const http = createHttpClient({
    ...options,
    vendor: 'Stripe',
    baseUrl: connection.baseUrl,
    headers: { authorization: `Bearer ${connection.apiKey}`, 'stripe-version': STRIPE_VERSION },
  });
  const post = async (path: string, parameters: { readonly [name: string]: FormParameter }, idempotencyKey: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return toSpoken(await http.send({ method: 'POST', path, headers, body: encodeForm(parameters), idempotencyKey }));
  };
  return {
    get: async (resource, id) => {
      const path = `/v1/${resource}/${encodeURIComponent(id)}`;
      const answer = await http.send({ method: 'GET', path }).catch(missingAsNull);
      return answer && toSpoken(answer);
    },
    list: async (resource, { limit = 100, startingAfter, where = {} } = {}) => {
      const query = encodeForm({ ...where, limit, starting_after: startingAfter });
      const { body, asOf } = toSpoken(await http.send({ method: 'GET', path: `/v1/${resource}?${query}` }));
      return { body: toPage(body), asOf };
    },
    createCustomer: ({ name, email, metadata }, key) => post('/v1/customers', { name, email, metadata }, key),
    payInvoice: (id, key) => post(`/v1/invoices/${encodeURIComponent(id)}/pay`, {}, key),
  };
}

function missingAsNull(error: unknown): null {
  if (error instanceof AppError && error.cause instanceof VendorFailure && error.cause.status === 404) return null;
  throw error;
}

/**
 * The answer left Stripe no earlier than the second its `Date` header names, and was read no earlier than the attempt began:
 * the difference of the two, by Stripe's clock, is a time at which the answer was certainly not yet stale.
 */
function toSpoken({ json, headers, elapsedMs }: HttpAnswer): Spoken<unknown> {
  const sent = Date.parse(headers.get('date') ?? '');
  return { body: json, asOf: Number.isNaN(sent) ? 0 : Math.floor((sent - elapsedMs) / 1_000) };
}

function toPage(body: unknown): StripePage {
  const { data, has_more: more } = (body ?? {}) as { data?: unknown; has_more?: unknown };
  if (!Array.isArray(data)) throw new AppError('VENDOR_UNAVAILABLE', 'Stripe answered with something that is no list.');
  const last = data.at(-1) as { id?: unknown } | undefined;
  return { data, next: more === true && typeof last?.id === 'string' ? last.id : null };
}
