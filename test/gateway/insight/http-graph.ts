import { execute, parse } from 'graphql';
import { createGateway, createHttpTransport, type Gateway, type GatewayOptions } from '../../../gateway/index.ts';
import { AppError } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { type Received, startSubgraph } from '../transport/subgraph-server.ts';

const CRM = `
type Query { account: Account  broken: String! }
type Mutation { rename(name: String!): Account }
type Account @key(fields: "id") { id: ID! name: String  secret: String @requiresScopes(scopes: [["secret:read"]]) }`;

/** Accounts and what they owe: two subgraphs over HTTP, a gateway over them, and what the subgraphs were sent. */
export interface HttpGraph extends AsyncDisposable {
  readonly url: string;
  readonly gateway: Gateway;
  readonly received: Readonly<Record<'crm' | 'billing', Received[]>>;
  ask(body: object, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; body: GraphAnswer }>;
}

/** An answer as a client reads it. */
export interface GraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: unknown;
    readonly extensions: Record<string, unknown>;
  }[];
  readonly extensions?: Record<string, unknown>;
}

/** Callers by their token, which is what they are allowed. */
export async function authenticateByScopes(token: string): Promise<Identity> {
  if (token === 'forged') throw new AppError('UNAUTHENTICATED', 'refused');
  const scopes = token.split('+').map((scope) => scope.trim());
  return { subject: 'ada', tenant: 'acme', roles: [], scopes, expiresAt: Date.now() + 60_000, tokenId: null };
}

/** Starts them. `billingDelay`: milliseconds that billing takes. */
export async function startHttpGraph(options: Partial<GatewayOptions> = {}): Promise<HttpGraph> {
  const graph = createTestGraph([
    {
      name: 'crm',
      sdl: CRM,
      resolvers: {
        Query: { account: () => ({ id: 'a1', name: 'Acme', secret: 's' }), broken: () => null },
        Mutation: { rename: (_: never, { name }: { name: string }) => ({ id: 'a1', name }) },
      },
    },
    {
      name: 'billing',
      sdl: 'type Account @key(fields: "id") { id: ID! balance: Int }',
      resolvers: { Account: { __resolveReference: ({ id }: { id: string }) => ({ id, balance: 7 }) } },
    },
  ]);
  const start = (name: string) =>
    startSubgraph(async (response, { body }) => {
      const { query, variables } = JSON.parse(body);
      const schema = graph.schemas.get(name);
      if (!schema) throw new Error(name);
      const result = await execute({ schema, document: parse(query), variableValues: variables });
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
    });
  const [crm, billing] = [await start('crm'), await start('billing')];
  const transport = createHttpTransport({
    subgraphs: { crm: { url: crm.url, trusted: false }, billing: { url: billing.url, trusted: false } },
  });
  const gateway = await createGateway({ supergraph: graph.supergraphSdl, transport, ...options });
  const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    gateway,
    received: { crm: crm.received, billing: billing.received },
    async ask(body, headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as GraphAnswer };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close(1_000);
      await transport.close();
      await Promise.all([crm.close(), billing.close()]);
    },
  };
}
