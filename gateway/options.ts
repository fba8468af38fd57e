import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bus } from '../events/bus.ts';
import type { Clock } from '../lib/clock.ts';
import type { AppError } from '../lib/errors.ts';
import type { Identity } from '../lib/identity.ts';
import type { Logger } from '../lib/logger.ts';
import type { ServerCertificate } from '../lib/server-certificate.ts';
import type { Audience } from './audience/audiences.ts';
import type { OperationContext } from './engine.ts';
import type { GatewayHooks } from './hooks/hooks.ts';
import type { InsightOptions } from './insight/options.ts';
import type { SchemaStatus } from './live/schema-status.ts';
import type { SupergraphSource } from './supergraph/sources/source.ts';
import type { SubgraphTransport } from './transport/transport.ts';

/** Bounds on what one operation may ask. */
export interface Limits {
  /** Nested selections. */
  readonly depth: number;
  readonly aliases: number;
  /** Fields after fragment expansion. */
  readonly fields: number;
  /** Bytes of the document. */
  readonly documentBytes: number;
  /** Bytes of the request body, after inflation. */
  readonly bodyBytes: number;
  /** Milliseconds the planner may take before its worker is killed. */
  readonly planMs: number;
}

/** The defaults of `Limits`. */
export const DEFAULT_LIMITS: Limits = {
  depth: 12,
  aliases: 100,
  fields: 500,
  documentBytes: 100_000,
  bodyBytes: 1_000_000,
  planMs: 2_000,
};

/** Turns a bearer token into an identity. Throws AppError UNAUTHENTICATED, never saying why to the caller. */
export type Authenticate = (token: string) => Promise<Identity>;

/** An HTTP route mounted beside GraphQL (webhooks, the development identity provider, the explorer). Prefix match on path segments. */
export interface HttpRoute {
  readonly prefix: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
}

/** How a gateway serves https. */
export interface GatewayTls {
  /** Stays its maker's; the gateway takes over its renewals. */
  readonly certificate: ServerCertificate;
  /** Strict-Transport-Security for a year: of this host, of all below it too, or not at all. @default 'on' */
  readonly hsts?: 'on' | 'subdomains' | 'off';
  /** Where plain http is redirected to https; absent: it is not answered. */
  readonly redirectPort?: number;
}

/** Documents that clients ask for by id instead of sending them. */
export interface TrustedDocuments {
  /**
   * Path of the manifest, in Apollo's form (`format: 'apollo-persisted-query-manifest'`) or Relay's (`{ id: document }`).
   * AppError CONFIG_INVALID, naming the file and the entry, when it cannot be used.
   */
  readonly manifest: string;
  /** Whether nothing else is run: any other document is refused before it is parsed. @default false */
  readonly only?: boolean;
}

/** What a gateway is made of. */
export interface GatewayOptions {
  /**
   * Supergraph SDL (join v0.1 to v0.5), or where it comes from and how it changes (docs/live-schema.md): `fromFile`, `fromYaml`,
   * `fromUrl`, or a source of your own. AppError SUPERGRAPH_INVALID when the first one does not load.
   */
  readonly supergraph: string | SupergraphSource;
  /** How subgraphs are reached. A function makes one for each supergraph; it is closed when the last operation on that has ended. */
  readonly transport: SubgraphTransport | ((supergraphSdl: string) => SubgraphTransport | Promise<SubgraphTransport>);
  /** Told of every supergraph that was refused or could not be had; it is in the log already. It must not throw. @default nobody */
  readonly onSchemaError?: (error: AppError) => void;
  /** Milliseconds that operations on a replaced schema get to end. @default 30 000 */
  readonly schemaGraceMs?: number;
  /**
   * Before a new schema serves, the operations used most on the old one are planned: how many, and how many milliseconds that
   * may take. @default 200 operations, 10 000 ms
   */
  readonly schemaWarmUp?: { readonly operations: number; readonly timeoutMs: number };
  /** Absent: callers are anonymous, and fields with auth directives refuse. Present: anonymous callers get one constant 401. */
  readonly authenticate?: Authenticate;
  /** Drives fields with `@edfs__kafkaSubscribe`; absent: those fields refuse. */
  readonly bus?: Bus;
  readonly limits?: Partial<Limits>;
  /** What becomes of fields beyond the caller's scopes: answered null with FORBIDDEN, or the whole operation refused. @default 'prune' */
  readonly authorization?: 'prune' | 'reject';
  /**
   * Callers who get less than the whole graph, by role and `@tag` (docs/partner-schemas.md). The first that fits is a caller's.
   * AppError CONFIG_INVALID without `authenticate`: callers would have no role, and each of them the whole graph. @default none
   */
  readonly audiences?: readonly Audience[];
  /** Whether a label of `@override` is on for a request; asked once an operation. @default `percent(N)` by the request's id, others never */
  readonly overrideLabel?: (label: string, context: OperationContext | undefined) => boolean;
  readonly routes?: readonly HttpRoute[];
  /** Whether what the gateway depends on answers; `/health/ready` says so. @default always */
  readonly ready?: () => Promise<boolean> | boolean;
  /** Signs cursors of subscriptions; instances that share clients must share it. @default random per process */
  readonly cursorSecret?: string;
  /** Absent: none. */
  readonly trustedDocuments?: TrustedDocuments;
  /** Automatic persisted queries: how many documents this process remembers by their hash. @default 1 000 */
  readonly apq?: boolean | { readonly size: number };
  /** Lists of operations in one POST, at most `max` of them. @default false; `true` means 10 */
  readonly batching?: boolean | { readonly max: number };
  /** Answers of at least so many bytes are compressed as the client's Accept-Encoding has it. @default 1 024 */
  readonly compression?: boolean | { readonly minBytes: number };
  /** Whether answers are cacheable as the supergraph's `@cacheControl` says; without that directive they never are. @default true */
  readonly cacheControl?: boolean;
  /** Absent: plain http. */
  readonly tls?: GatewayTls;
  /** A folder of this gateway's own where plans outlive it, for as long as the supergraph is the same. @default every start plans anew */
  readonly plans?: { readonly folder: string };
  /** What extends it, in order (docs/hooks.md). @default none */
  readonly hooks?: readonly GatewayHooks[];
  /** Traces, metrics, a log of operations, explanations (docs/insight.md). @default explanations alone, for those with the scope */
  readonly insight?: InsightOptions;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** A running gateway. */
export interface Gateway {
  /** Listens and resolves with the bound URL. AppError PORT_IN_USE names the port. */
  listen(address: { host: string; port: number }): Promise<{ url: string }>;
  /** Looks for a new supergraph now. Resolves once it serves, was refused, or there is none. */
  reload(): Promise<void>;
  /** Which schema is served, and why the last one offered is not. */
  schemaStatus(): SchemaStatus;
  /** Stops gracefully: not ready, running operations finish within `graceMs`, sockets are closed. @default 10 000 */
  close(graceMs?: number): Promise<void>;
}
