import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parse } from 'graphql';
import type { SubgraphRequest } from '../../../gateway/transport/transport.ts';
import type { Identity } from '../../../lib/identity.ts';

/** What a test's subgraph was sent. */
export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, received: Received, socket: Socket) => void;

/** A bare HTTP server that answers every request as told, and keeps what it was sent. */
export async function startSubgraph(answer: Answer) {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const entry = { headers: request.headers, body: Buffer.concat(chunks).toString() };
    received.push(entry);
    answer(response, entry, request.socket);
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    received,
    connections: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function json(body: unknown, status = 200): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

export const ADA: Identity = {
  subject: 'ada',
  tenant: 'acme',
  roles: [],
  scopes: [],
  expiresAt: Date.now() + 60_000,
  tokenId: null,
};

/** A request to the subgraph `crm`. */
export function requestTo(
  parts: Partial<SubgraphRequest> & { text?: string; kind?: 'query' | 'mutation' } = {},
): SubgraphRequest {
  const { text = '{ hello }', kind = 'query', ...rest } = parts;
  return {
    subgraph: 'crm',
    operation: { kind, text, document: parse(text) },
    variables: {},
    identity: ADA,
    requestId: 'req-1',
    signal: new AbortController().signal,
    ...rest,
  };
}
