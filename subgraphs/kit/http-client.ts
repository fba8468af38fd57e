import { AppError } from '../../lib/errors.ts';
import { backoffMs, isRetryableStatus, retryAfterMs } from './http-retry.ts';

/** What a client of one vendor is made of. */
export interface HttpClientOptions {
  /** Named in errors, for example `Stripe`. */
  readonly vendor: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Sent with every request; secrets live here and come up nowhere else. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  /** For one attempt, answer included. @default 20 000 ms */
  readonly timeoutMs?: number;
  /** Attempts in all. @default 4 */
  readonly maxAttempts?: number;
  /** The longest pause a vendor's Retry-After may ask of us before we give up instead. @default 10 000 ms */
  readonly maxPauseMs?: number;
  /** From 0 to 1; spreads the pauses. @default Math.random */
  readonly random?: () => number;
  /** Waits so many milliseconds. @default a timer */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the base URL on, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent as `Idempotency-Key`; makes a write safe to repeat. */
  readonly idempotencyKey?: string;
}

/** An answer of the 2xx family. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null when it was empty. */
  readonly json: unknown;
  /** How long the successful attempt took, in milliseconds. */
  readonly elapsedMs: number;
}

/** A vendor's HTTP API. */
export interface HttpClient {
  /**
   * Sends, and repeats what may be repeated (reads, deletes, writes with an idempotency key) with exponential back-off,
   * full jitter, and the vendor's Retry-After.
   * Throws AppError VENDOR_UNAVAILABLE (no answer, 5xx, not JSON), VENDOR_RATE_LIMITED (429) or VENDOR_REJECTED (other 4xx, 3xx);
   * the cause is a VendorFailure when there was an answer. Messages hold no URL, header or body.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/** What a vendor answered when it refused or failed: for the code that knows the vendor, and for the log. Never for callers. */
export class VendorFailure extends Error {
  readonly status: number;
  /** The parsed body, or null when it was not JSON. */
  readonly body: unknown;
  /** Milliseconds the vendor asked us to wait, if it did. */
  readonly retryAfter: number | null;

  constructor(status: number, body: unknown, retryAfter: number | null) {
    super(`HTTP ${status}`);
    this.name = 'VendorFailure';
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** A client on `fetch`. Follows no redirect: credentials go to the base URL only. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { maxAttempts = 4, maxPauseMs = 10_000, random = Math.random, sleep = pause } = options;
  return {
    send: async (request) => {
      for (let attempt = 1; ; attempt += 1) {
        const result = await attemptOnce(options, request);
        if (!(result instanceof AppError)) return result;
        const asked = result.cause instanceof VendorFailure ? result.cause.retryAfter : null;
        const wait = asked ?? backoffMs(attempt, random);
        if (attempt >= maxAttempts || wait > maxPauseMs || !mayRepeat(request, result)) throw result;
        await sleep(wait);
      }
    },
  };
}

function mayRepeat(request: HttpRequest, error: AppError): boolean {
  const safe = request.idempotencyKey !== undefined || ['GET', 'PUT', 'DELETE'].includes(request.method);
  return safe && (error.retryable || (error.cause instanceof VendorFailure && isRetryableStatus(error.cause.status)));
}

async function attemptOnce(options: HttpClientOptions, request: HttpRequest): Promise<HttpAnswer | AppError> {
  const started = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await (options.fetch ?? fetch)(`${options.baseUrl}${request.path}`, toInit(options, request));
    text = await response.text();
  } catch (cause) {
    return new AppError('VENDOR_UNAVAILABLE', `${options.vendor} did not answer.`, { cause });
  }
  const json = parseJson(text);
  if (response.ok && json !== undefined)
    return { status: response.status, headers: response.headers, json, elapsedMs: performance.now() - started };
  const failure = new VendorFailure(response.status, json ?? null, retryAfterMs(response.headers));
  return toError(options.vendor, failure);
}

function toInit(options: HttpClientOptions, request: HttpRequest): RequestInit {
  const headers = { accept: 'application/json', ...request.headers, ...options.headers };
  return {
    method: request.method,
    headers: request.idempotencyKey === undefined ? headers : { ...headers, 'idempotency-key': request.idempotencyKey },
    redirect: 'manual',
    signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller turns this into VENDOR_UNAVAILABLE: it is no answer of the vendor's API
  }
}

function toError(vendor: string, failure: VendorFailure): AppError {
  const options = { cause: failure, extensions: { vendor, status: failure.status } };
  if (failure.status === 429) return new AppError('VENDOR_RATE_LIMITED', `${vendor} asks us to slow down.`, options);
  if (failure.status >= 500 || failure.status < 300)
    return new AppError('VENDOR_UNAVAILABLE', `${vendor} could not answer.`, options);
  return new AppError('VENDOR_REJECTED', `${vendor} refused the request.`, options);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
