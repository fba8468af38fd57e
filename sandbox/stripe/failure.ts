/** Kinds of errors the API knows. https://docs.stripe.com/api/errors */
export type FailureType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

/** A refusal in Stripe's shape. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly type: FailureType;
  readonly code: string | undefined;
  readonly param: string | undefined;

  constructor(
    status: number,
    message: string,
    { type = 'invalid_request_error', code, param }: { type?: FailureType; code?: string; param?: string } = {},
  ) {
    super(message);
    this.name = 'StripeFailure';
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }

  /** The body of the answer. */
  toBody(): { error: Record<string, string> } {
    const { type, message, code, param } = this;
    return { error: { type, message, ...(code ? { code } : {}), ...(param ? { param } : {}) } };
  }
}

/** The refusal of an id that does not exist in the account. */
export function noSuch(kind: string, id: string, param = 'id'): StripeFailure {
  return new StripeFailure(404, `No such ${kind}: '${id}'`, { code: 'resource_missing', param });
}
