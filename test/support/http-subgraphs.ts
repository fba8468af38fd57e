import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { type TestSubgraph, withFederation } from './test-subgraphs.ts';

/** What a subgraph was sent. */
export interface HttpSubgraphRequest {
  readonly headers: IncomingHttpHeaders;
  readonly query: string;
}

/** A subgraph that answers over real HTTP, and can be made slow or taken away. */
export interface HttpSubgraph {
  readonly name: string;
  readonly url: string;
  /** In order. */
  readonly requests: HttpSubgraphRequest[];
  /** Milliseconds before each answer from now on. */
  setDelay(ms: number): void;
  /** Nobody listens on its port any more. */
  stop(): Promise<void>;
  /** It answers again, on the same port. */
  start(): Promise<void>;
}

/** Starts a subgraph on a free port of 127.0.0.1. */
export async function startHttpSubgraph({ name, sdl, resolvers = {} }: TestSubgraph): Promise<HttpSubgraph> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(withFederation(sdl)), resolvers: resolvers as never }]);
  const requests: HttpSubgraphRequest[] = [];
  let delay = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      requests.push({ headers: request.headers, query });
      await wait(delay);
      const answer = await graphql({ schema, source: query, variableValues: variables });
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${port}/graphql`,
    requests,
    setDelay: (ms) => {
      delay = ms;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(port),
  };
}

/** The supergraph of subgraphs. Throws with every composition error. */
export function composeAt(subgraphs: readonly (TestSubgraph & { readonly url: string })[]): string {
  const composed = composeServices(
    subgraphs.map(({ name, sdl, url }) => ({ name, url, typeDefs: parse(withFederation(sdl)) })),
  );
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}
