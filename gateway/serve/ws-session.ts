import { setMaxListeners } from 'node:events';
import type { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import type { Identity } from '../../lib/identity.ts';
import type { ClientHeaders } from '../engine.ts';
import { watchExpiry } from '../subscriptions/expiry.ts';

/** One client's socket and on whose behalf it acts. */
export interface Session {
  readonly socket: WebSocket;
  readonly requestId: string;
  /** The headers of the upgrade as they came: for clients that can set an Authorization header. */
  readonly rawHeaders: readonly string[];
  /** The same, by name. */
  readonly headers: ClientHeaders;
  /** Undefined until the connection is initialised. */
  readonly identity: Identity | null | undefined;
  /** Aborted when the socket closes. */
  readonly signal: AbortSignal;
  /** Lets the session act for an identity; its socket is closed with 4401 when that ends. */
  begin(identity: Identity | null): void;
  /** Closes with 4401. */
  refuse(): void;
}

/** `4401: Unauthorized` of graphql-transport-ws. */
const UNAUTHORIZED = 4401;
/** Subscriptions say UNAUTHENTICATED themselves when the token ends; the socket closes so much later, milliseconds. */
const FAREWELL_MS = 250;

/** A session on an open socket. */
export function createSession(options: {
  socket: WebSocket;
  requestId: string;
  rawHeaders: readonly string[];
  headers: ClientHeaders;
  clock: Clock;
}): Session {
  const { socket, requestId, rawHeaders, headers, clock } = options;
  const controller = new AbortController();
  // Every operation of the socket listens.
  setMaxListeners(0, controller.signal);
  let identity: Identity | null | undefined;
  let stopWatching = () => {};

  function refuse(): void {
    socket.close(UNAUTHORIZED, 'Unauthorized');
  }

  socket.once('close', () => {
    stopWatching();
    controller.abort();
  });

  return {
    socket,
    requestId,
    rawHeaders,
    headers,
    signal: controller.signal,
    get identity() {
      return identity;
    },
    begin(known) {
      identity = known;
      if (known) stopWatching = watchExpiry(known.expiresAt, clock, () => setTimeout(refuse, FAREWELL_MS));
    },
    refuse,
  };
}
