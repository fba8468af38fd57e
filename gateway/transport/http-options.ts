import type { ClientTls } from '../../lib/client-tls.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SubgraphTraffic } from './traffic.ts';

/** A subgraph that answers over HTTP, and how it is called. */
export interface HttpSubgraph extends SubgraphTraffic {
  /** Where it is: the operator's word, so that private addresses are right here. `http:` or `https:`, without credentials. */
  readonly url: string;
  /** Whether it is told who acts. Only for services of ours: the signed identity opens every door they have. */
  readonly trusted: boolean;
}

/** What the HTTP transport is made of. */
export interface HttpTransportOptions {
  readonly subgraphs: Readonly<Record<string, HttpSubgraph>>;
  /** How every subgraph is called that does not say otherwise. @default DEFAULT_TRAFFIC */
  readonly all?: SubgraphTraffic;
  /** The identity as a token for one subgraph. Absent: no subgraph is told who acts. */
  readonly sign?: (identity: Identity, subgraph: string) => Promise<string>;
  /** For subgraphs over https: who vouches for them instead of those Node knows, and our own certificate. */
  readonly tls?: ClientTls;
  readonly logger?: Logger;
  /** The time of day. @default systemClock */
  readonly clock?: Clock;
  /** A clock that does not jump. @default `performance.now` */
  readonly steady?: Clock;
  /** From 0 to 1; spreads the pauses before retries. @default Math.random */
  readonly random?: () => number;
}
