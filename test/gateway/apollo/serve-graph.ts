import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { graphql } from 'graphql';
import type { TestGraph } from '../../support/test-subgraphs.ts';

/** A request as a subgraph got it. */
export interface Received {
  readonly subgraph: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: string;
}

/** The subgraphs of a graph over HTTP, the supergraph saying where. */
export async function serveGraph(graph: TestGraph) {
  const received: Received[] = [];
  const closes: (() => void)[] = [];
  let { supergraphSdl } = graph;
  const urls: Record<string, string> = {};
  for (const [subgraph, schema] of graph.schemas) {
    const server = createServer(async (request, response) => {
      const { query, variables } = JSON.parse(await text(request));
      received.push({ subgraph, headers: request.headers, query });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(await graphql({ schema, source: query, variableValues: variables })));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    urls[subgraph] = url;
    supergraphSdl = supergraphSdl.replace(`"http://${subgraph}"`, `"${url}"`);
    closes.push(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  return {
    supergraphSdl,
    urls,
    received,
    close: () => {
      for (const close of closes) close();
    },
  };
}
