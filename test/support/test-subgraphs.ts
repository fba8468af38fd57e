import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLFormattedError, type GraphQLSchema, parse } from 'graphql';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from '../../gateway/transport/transport.ts';
import type { Identity } from '../../lib/identity.ts';

type Resolver = (source: never, args: never, context: never, info: never) => unknown;
type Resolvers = Record<string, Record<string, Resolver | string>>;

/** A federated subgraph of a test: SDL without the federation link (it is prepended) and plain resolvers. */
export interface TestSubgraph {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers?: Resolvers;
}

/** What a subgraph was asked, in order. */
export interface SubgraphCall {
  readonly subgraph: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly identity: Identity | null;
}

/** A composed graph over subgraphs in this process. */
export interface TestGraph {
  readonly supergraphSdl: string;
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  readonly transport: SubgraphTransport;
  readonly calls: SubgraphCall[];
  /** From now on what this returns or throws is the subgraph's answer; undefined lets the subgraph answer. */
  intercept(handler: (request: SubgraphRequest) => SubgraphResponse | undefined): void;
}

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key" "@requires" "@provides" "@external" "@shareable" "@override" "@inaccessible" "@interfaceObject" "@tag"
  "@requiresScopes" "@authenticated" "@composeDirective" "FieldSet"
])
`;

/** SDL of a subgraph as the composer wants it. */
export function withFederation(sdl: string): string {
  return sdl.includes('@link(') ? sdl : FEDERATION + sdl;
}

/** Composes subgraphs and answers for them by graphql-js. Throws with every composition error. */
export function createTestGraph(subgraphs: readonly TestSubgraph[]): TestGraph {
  const services = subgraphs.map(({ name, sdl }) => ({
    name,
    typeDefs: parse(withFederation(sdl)),
    url: `http://${name}`,
  }));
  const composed = composeServices(services);
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  const schemas = new Map(
    subgraphs.map(({ name, sdl, resolvers = {} }) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(withFederation(sdl)), resolvers: resolvers as never }]),
    ]),
  );
  const calls: SubgraphCall[] = [];
  let handler: (request: SubgraphRequest) => SubgraphResponse | undefined = () => undefined;
  const transport: SubgraphTransport = {
    async send(request) {
      const { subgraph, operation, variables, identity } = request;
      calls.push({ subgraph, text: operation.text, variables, identity });
      const intercepted = handler(request);
      if (intercepted) return intercepted;
      const schema = schemas.get(subgraph);
      if (!schema) throw new Error(`No subgraph ${subgraph}`);
      const { data, errors } = await execute({ schema, document: operation.document, variableValues: variables });
      return { ...(data === undefined ? {} : { data }), ...(errors ? { errors: errors.map(toFormatted) } : {}) };
    },
    close: async () => {},
  };
  return {
    supergraphSdl: composed.supergraphSdl,
    schemas,
    transport,
    calls,
    intercept: (next) => {
      handler = next;
    },
  };
}

function toFormatted(error: { toJSON(): GraphQLFormattedError }): GraphQLFormattedError {
  return error.toJSON();
}
