/** Times and counts of the server that no option names; tests turn them. */
export interface Tuning {
  /** Milliseconds a client may take to shake hands, over TLS. */
  readonly handshakeMs: number;
  /** Milliseconds a body may take to arrive. */
  readonly bodyTimeoutMs: number;
  /** Milliseconds the headers of a request may take to arrive. */
  readonly headersTimeoutMs: number;
  /** Milliseconds an idle connection is kept: longer than the 60 s of common load balancers. */
  readonly keepAliveMs: number;
  /** Milliseconds between signs of life on an event stream. */
  readonly heartbeatMs: number;
  /** Milliseconds for which the client of an event stream may take nothing of what is sent. */
  readonly drainTimeoutMs: number;
  /** Milliseconds between pings of a WebSocket. */
  readonly pingMs: number;
  /** Milliseconds a WebSocket client may take for `connection_init`. */
  readonly initTimeoutMs: number;
  /** Operations at once on one WebSocket. */
  readonly maxOperations: number;
  /** Milliseconds for which idle connections may still bring a request while the server stops. */
  readonly lameDuckMs: number;
}

/** The defaults. */
export const DEFAULT_TUNING: Tuning = {
  handshakeMs: 10_000,
  bodyTimeoutMs: 15_000,
  headersTimeoutMs: 10_000,
  keepAliveMs: 65_000,
  heartbeatMs: 12_000,
  drainTimeoutMs: 30_000,
  pingMs: 15_000,
  initTimeoutMs: 3_000,
  maxOperations: 100,
  lameDuckMs: 250,
};
