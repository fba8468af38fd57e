import { AppError } from '../../../lib/errors.ts';
import { VendorFailure } from '../../kit/http-client.ts';

/** What Stripe said when it refused. https://docs.stripe.com/api/errors */
export interface StripeRefusal {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  /** Stripe's own words, made for the person who integrates; they may name ids. */
  readonly message: string;
}

/** The refusal behind an error; null when Stripe did not answer or the error is not the client's. */
export function refusalOf(error: unknown): StripeRefusal | null {
  if (!(error instanceof AppError) || error.code !== 'VENDOR_REJECTED') return null;
  if (!(error.cause instanceof VendorFailure)) return null;
  const { status, body } = error.cause;
  const said = (body as { error?: Readonly<Record<string, unknown>> } | null)?.error ?? {};
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    status,
    type: text(said['type']) ?? 'api_error',
    code: text(said['code']),
    param: text(said['param']),
    message: text(said['message']) ?? 'Stripe refused the request.',
  };
}
