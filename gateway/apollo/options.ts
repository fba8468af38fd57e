import type { ApolloGateway, GatewayConfig } from '@apollo/gateway';
import type { Identity } from '../../lib/identity.ts';
import type { GatewayOptions } from '../options.ts';
import type { SubgraphTransport } from '../transport/transport.ts';

/** What Apollo Server hands to the executor of a gateway. */
export type ApolloRequestContext = Parameters<ApolloGateway['executor']>[0];

/** The options of `new ApolloGateway(…)`, and a few of ours. */
export type ApolloGatewayOptions = GatewayConfig & {
  /** Bounds on what an operation may ask. @default DEFAULT_LIMITS */
  readonly limits?: GatewayOptions['limits'];
  /** What becomes of fields beyond the caller's scopes. @default 'prune' */
  readonly authorization?: GatewayOptions['authorization'];
  /** @default none */
  readonly hooks?: GatewayOptions['hooks'];
  /** Who asks, read from Apollo Server's context: rules of `@requiresScopes` hold for them. @default nobody, so that such fields refuse */
  readonly identity?: (requestContext: ApolloRequestContext) => Identity | null;
  /** How subgraphs are reached where there is no `buildService`. @default HTTP, at the routing URLs of the supergraph */
  readonly transport?: (supergraphSdl: string) => SubgraphTransport | Promise<SubgraphTransport>;
};

/** Every option with its type; a union of configurations has none that all members share. */
export type AnyApolloOptions = Partial<
  Omit<UnionToIntersection<GatewayConfig>, 'supergraphSdl'> & Pick<ApolloGatewayOptions, OwnName>
> & { supergraphSdl?: SupergraphSdlOption };

type OwnName = 'limits' | 'authorization' | 'hooks' | 'identity' | 'transport';
type SupergraphSdlOption = Extract<GatewayConfig, { supergraphSdl: unknown }>['supergraphSdl'];
type UnionToIntersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
