/**
 * The gateway: any Apollo Federation supergraph as one GraphQL endpoint, over HTTP, server-sent events and WebSocket.
 * @module
 */
export { AppError, type ErrorCode } from '../lib/errors.ts';
export type { Identity } from '../lib/identity.ts';
export { openServerCertificate, type ServerCertificate } from '../lib/server-certificate.ts';
export { type ApolloDropIn, createApolloGateway } from './apollo/create-apollo-gateway.ts';
export type { ApolloGatewayOptions } from './apollo/options.ts';
export type { Audience } from './audience/audiences.ts';
export { schemaFor } from './audience/schema-for.ts';
export { readGatewayConfig } from './config/read-config.ts';
export type { GatewayConfig } from './config/schema.ts';
export { toGatewayOptions, toHttpSubgraphs } from './config/to-options.ts';
export { createGateway } from './create-gateway.ts';
export { createRouteServer } from './create-route-server.ts';
export {
  type ClientHeaders,
  type GraphQLRequest,
  type OperationContext,
  OperationRejected,
  type PreparedOperation,
} from './engine.ts';
export type {
  FetchChange,
  FetchEvent,
  FetchResult,
  GatewayHooks,
  HookContext,
  PlanEvent,
  RequestChange,
  RequestEvent,
  ResponseChange,
  ResponseEvent,
} from './hooks/hooks.ts';
export type { SchemaStatus } from './live/schema-status.ts';
export {
  type Authenticate,
  DEFAULT_LIMITS,
  type Gateway,
  type GatewayOptions,
  type GatewayTls,
  type HttpRoute,
  type Limits,
  type TrustedDocuments,
} from './options.ts';
export { type ComposedSupergraph, composeSupergraph } from './supergraph/compose-supergraph.ts';
export { readRoutingUrls } from './supergraph/routing-urls.ts';
export {
  type BrokenOperation,
  findBrokenOperations,
  listSchemaChanges,
  type SchemaChange,
  type SchemaImpact,
} from './supergraph/schema-changes.ts';
export { fromFile } from './supergraph/sources/from-file.ts';
export { fromUrl, type UrlSourceOptions } from './supergraph/sources/from-url.ts';
export { fromYaml } from './supergraph/sources/from-yaml.ts';
export { fromText, type SupergraphSource } from './supergraph/sources/source.ts';
export { toSupergraphSource } from './supergraph/sources/to-source.ts';
export type { HeaderRules } from './transport/header-rules.ts';
export { createHttpTransport } from './transport/http.ts';
export type { HttpSubgraph, HttpTransportOptions } from './transport/http-options.ts';
export { createLocalTransport, type LocalTransportOptions } from './transport/local.ts';
export { DEFAULT_TRAFFIC, type SubgraphTraffic } from './transport/traffic.ts';
export type {
  ExchangeFacts,
  LocalSubgraph,
  RawResponse,
  SubgraphOperation,
  SubgraphRequest,
  SubgraphResponse,
  SubgraphTransport,
} from './transport/transport.ts';
