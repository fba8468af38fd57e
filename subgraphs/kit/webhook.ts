/** A webhook as it arrived: the raw bytes are what a signature covers. */
export interface WebhookRequest {
  readonly method: string;
  /** The connection of `/webhooks/<vendor>/<connection>`, or `default`. */
  readonly connection: string;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What the vendor is answered. */
export interface WebhookAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * Verifies a webhook and appends it durably before answering 2xx.
 * Throws AppError SIGNATURE_INVALID (401), BAD_REQUEST (400). While the bus is down webhooks are kept in the outbox; when the
 * database is down too it is BUS_UNAVAILABLE (503), so that the vendor sends it again.
 */
export type WebhookReceiver = (request: WebhookRequest) => Promise<WebhookAnswer>;
