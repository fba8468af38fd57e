/** What a code means to a caller: the HTTP status it answers with and whether trying again can help. */
export interface ErrorMeaning {
  readonly status: number;
  readonly retryable: boolean;
  /** What it says to the person who reads it; also the row in docs/errors.md. */
  readonly meaning: string;
}

/** Every code a client, an operator or a log may see. The one table: docs/errors.md is tested against it. */
export const ERRORS = {
  UNAUTHENTICATED: { status: 401, retryable: false, meaning: 'No valid token came with the request.' },
  FORBIDDEN: { status: 403, retryable: false, meaning: 'The token lacks a scope; `missingScopes` names it.' },
  BAD_REQUEST: { status: 400, retryable: false, meaning: 'The HTTP request itself is not well formed.' },
  GRAPHQL_PARSE_FAILED: { status: 400, retryable: false, meaning: 'The document is not GraphQL.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, retryable: false, meaning: 'The document does not fit the schema.' },
  BAD_USER_INPUT: { status: 400, retryable: false, meaning: 'A variable or argument has the wrong type or value.' },
  OPERATION_RESOLUTION_FAILURE: {
    status: 400,
    retryable: false,
    meaning: 'No operation of that name is in the document.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 200,
    retryable: false,
    meaning: 'No document is known by this hash; send it once with its text.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    status: 200,
    retryable: false,
    meaning: 'Documents are not remembered by their hash here; send the text.',
  },
  DOCUMENT_UNKNOWN: { status: 404, retryable: false, meaning: 'No trusted document has this id.' },
  DOCUMENT_UNTRUSTED: {
    status: 403,
    retryable: false,
    meaning: 'Only documents of the manifest are run here, asked for by their id.',
  },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, meaning: 'That HTTP method is not served here.' },
  NOT_ACCEPTABLE: { status: 406, retryable: false, meaning: 'None of the accepted media types can be served.' },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, meaning: 'The body is over the limit.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, meaning: 'The content type or charset is not served.' },
  NOT_FOUND: { status: 404, retryable: false, meaning: 'No such record, or not one this caller may know of.' },
  CONFLICT: { status: 409, retryable: false, meaning: 'The record changed since it was read, or the key is taken.' },
  LIMIT_EXCEEDED: { status: 400, retryable: false, meaning: 'The operation is over a limit; the message names which.' },
  QUERY_TOO_COMPLEX: {
    status: 400,
    retryable: false,
    meaning: 'The operation could not be planned within its budget.',
  },
  SUBGRAPH_UNAVAILABLE: { status: 503, retryable: true, meaning: 'A service behind the graph did not answer.' },
  SUBGRAPH_TIMEOUT: { status: 504, retryable: true, meaning: 'A service behind the graph did not answer in time.' },
  SUBGRAPH_INVALID_RESPONSE: {
    status: 502,
    retryable: true,
    meaning: 'A service behind the graph answered with something that is not a GraphQL result.',
  },
  FIELD_UNREACHABLE: {
    status: 500,
    retryable: false,
    meaning: 'No service can be asked for the field there: the supergraph has no way to it.',
  },
  CURSOR_EXPIRED: {
    status: 410,
    retryable: false,
    meaning: 'Events after this cursor are no longer kept; read the state, then subscribe anew.',
  },
  CURSOR_INVALID: { status: 400, retryable: false, meaning: 'The cursor is not one of this list or stream.' },
  HTTPS_REQUIRED: {
    status: 403,
    retryable: false,
    meaning: 'The request came over plain http; what it held, a token too, was sent readable.',
  },
  IDENTITY_PROVIDER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The keys that check tokens could not be fetched from the identity provider.',
  },
  SLOW_CONSUMER: {
    status: 429,
    retryable: true,
    meaning: 'Events came faster than the client read them; resume from the last cursor.',
  },
  REQUEST_TIMEOUT: { status: 408, retryable: true, meaning: 'The request took too long to arrive.' },
  SIGNATURE_INVALID: { status: 401, retryable: false, meaning: 'The webhook signature is missing, forged or stale.' },
  EVENT_INVALID: { status: 422, retryable: false, meaning: 'An event does not fit its topic in the catalog.' },
  EVENT_UNKNOWN: {
    status: 422,
    retryable: false,
    meaning: 'An event of a type nobody here handles; it is kept in the dead letters.',
  },
  TOO_LATE: {
    status: 409,
    retryable: false,
    meaning: 'An event or scheduled work came later than is of use; it is recorded and was not done.',
  },
  LEASE_LOST: {
    status: 409,
    retryable: false,
    meaning: 'Another worker has taken the work over; what this one did last is not kept.',
  },
  BUS_UNAVAILABLE: { status: 503, retryable: true, meaning: 'The message broker or event log did not answer.' },
  BUS_UNAUTHORIZED: {
    status: 503,
    retryable: true,
    meaning: 'The message broker refused our name, password or certificate; an operator must mend that.',
  },
  BUS_UNTRUSTED: {
    status: 503,
    retryable: true,
    meaning: 'The message broker’s certificate is expired, not for its name, or not from an authority we trust.',
  },
  STORE_UNAVAILABLE: { status: 503, retryable: true, meaning: 'The database did not answer or cannot write.' },
  DISK_FULL: {
    status: 503,
    retryable: true,
    meaning: 'The disk of the data folder has less than 64 MB free: reads go on, writes wait for room.',
  },
  VENDOR_UNAVAILABLE: { status: 503, retryable: true, meaning: 'The third party did not answer.' },
  VENDOR_REJECTED: { status: 502, retryable: false, meaning: 'The third party refused the request.' },
  VENDOR_RATE_LIMITED: { status: 503, retryable: true, meaning: 'The third party asks us to slow down.' },
  SCHEMA_BREAKS: {
    status: 500,
    retryable: false,
    meaning: 'The composed schema would break those who use the released one.',
  },
  SCHEMA_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The gateway has no schema yet: the place it comes from has not answered.',
  },
  SCHEMA_CHANGED: {
    status: 410,
    retryable: false,
    meaning: 'The schema changed and no longer has what the subscription asks for.',
  },
  SUPERGRAPH_INVALID: {
    status: 500,
    retryable: false,
    meaning: 'The supergraph or its configuration does not compose or load.',
  },
  CONFIG_INVALID: {
    status: 500,
    retryable: false,
    meaning: 'An environment variable has a value that cannot be used.',
  },
  PORT_IN_USE: { status: 500, retryable: false, meaning: 'Another program listens on the port.' },
  DATA_DIR_UNWRITABLE: { status: 500, retryable: false, meaning: 'The data folder cannot be written.' },
  DATA_DIR_LOCKED: { status: 500, retryable: false, meaning: 'Another process uses the data folder.' },
  DATA_DIR_VERSION: { status: 500, retryable: false, meaning: 'The data folder was written by another version.' },
  DATA_CORRUPT: { status: 500, retryable: false, meaning: 'A data file cannot be read.' },
  OVERLOADED: { status: 503, retryable: true, meaning: 'Too much is asked at once; try again in a moment.' },
  SHUTTING_DOWN: { status: 503, retryable: true, meaning: 'The server is stopping; ask another or again.' },
  INTERNAL: { status: 500, retryable: false, meaning: 'Something failed inside; the log has it under the request id.' },
} as const satisfies Record<string, ErrorMeaning>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;

/** An expected failure. Its code, message and extensions may be shown to the caller; its cause never is. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Facts for the caller (`missingScopes`, `limit`…); merged into GraphQL `extensions`. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; extensions?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.extensions = options.extensions ?? {};
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Whether `value` is a code of the table. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
