import type { GraphQLFieldResolver, GraphQLScalarType } from 'graphql';
import type { Bus } from '../../events/bus.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Config } from '../../lib/config.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Store } from '../../store/store.ts';
import type { ConnectionRegistry } from './connections.ts';
import type { WebhookReceiver } from './webhook.ts';

/** What the composition root gives every service. */
export interface Runtime {
  readonly config: Config;
  readonly store: Store;
  readonly bus: Bus;
  readonly connections: ConnectionRegistry;
  /** Which of these ids of ours, of whatever service, exist in the tenant: how a service knows of another's records. */
  readonly exists: (tenant: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
}

/** A service opened on a runtime: what resolvers, webhook and sync receive. */
export interface Service<Client> {
  readonly runtime: Runtime;
  readonly client: Client;
}

/** What every resolver gets as its context: made afresh for each operation and each event (graphql-shield keeps verdicts in it). */
export interface SubgraphContext {
  readonly identity: Identity;
  readonly requestId: string;
  /** The loader of that name for this operation; made on first use by `make`. Batches and caches within one operation only. */
  loader<Loader>(name: string, make: () => Loader): Loader;
  /** Drops all loaders: what they hold may no longer be so. Called after every write. */
  forget(): void;
}

/** A resolver of ours. */
// biome-ignore lint/suspicious/noExplicitAny: parent and arguments are typed by each resolver, as graphql-js itself does
export type Resolver = GraphQLFieldResolver<any, SubgraphContext, any>;

/** Resolves `_entities` of a type: the key fields in, the entity or null out. */
// biome-ignore lint/suspicious/noExplicitAny: a representation holds the key fields of its type
export type ReferenceResolver = (reference: any, context: SubgraphContext) => unknown;

/** Resolvers by type and field. */
export type Resolvers = Record<string, GraphQLScalarType | Record<string, Resolver | ReferenceResolver>>;

/** Something of a service that runs beside requests (a consumer, a relay) and is stopped with it. */
export interface Running {
  close(): Promise<void>;
}

/**
 * A service: one subgraph and all that belongs to it. Its `index.ts` is a contents page of exactly this.
 * Its functions are declared as methods, so that services with different clients fit into one list.
 */
export interface ServiceDefinition<Client = unknown> {
  /** The subgraph's name in supergraph.yaml. */
  readonly name: string;
  /** Its `schema.graphql`. */
  readonly schema: URL;
  createClient(runtime: Runtime): Client;
  resolvers(service: Service<Client>): Resolvers;
  /** Receives the vendor's webhooks; mounted by app/ingress.ts at `/webhooks/<name>`. */
  webhook?(service: Service<Client>): WebhookReceiver;
  /** Starts its consumers. */
  sync?(service: Service<Client>): Promise<Running>;
  /** Id prefix → type name of what `node(id)` serves from here. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Which of these ids (all of this service's prefixes) exist in the tenant. */
  exists?(service: Service<Client>, tenant: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Declares a service. */
export function defineService<Client>(definition: ServiceDefinition<Client>): ServiceDefinition<Client> {
  return definition;
}
