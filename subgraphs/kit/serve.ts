import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ServerCertificate } from '../../lib/server-certificate.ts';
import { IDENTITY_HEADER, type IdentityVerifier } from '../../lib/subgraph-identity.ts';
import { createWebServer } from '../../lib/web-server.ts';
import { createContext } from './context.ts';
import { readBody } from './read-body.ts';
import type { SubgraphContext } from './service.ts';
import type { Subgraph } from './subgraph.ts';
import { createApollo } from './subgraph-apollo.ts';

/** How a subgraph is served over HTTP. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** Decides who is let in, for every request, `_service` included. */
  readonly verifier: IdentityVerifier;
  /** Absent: plain http. Stays its maker's. */
  readonly certificate?: ServerCertificate;
  readonly logger: Logger;
  /** Bytes of a request's body; the gateway sends representations in bulk. @default 10 000 000 */
  readonly bodyBytes?: number;
}

/** A subgraph that listens. */
export interface ServedSubgraph {
  /** Where it answers, for example `http://127.0.0.1:4001/graphql`. */
  readonly url: string;
  close(): Promise<void>;
}

const BODY_BYTES = 10_000_000;
/** Longer than the gateway keeps an idle connection: were it shorter, a mutation could meet a connection just being closed. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Serves a subgraph with Apollo Server on a port of its own, to its gateway alone: a request without a valid `x-tributary-identity`
 * gets 401 UNAUTHENTICATED before its body is read. AppError PORT_IN_USE names the port.
 */
export async function serveSubgraph(subgraph: Subgraph, options: ServeOptions): Promise<ServedSubgraph> {
  const logger = options.logger.child({ subgraph: subgraph.name });
  const apollo = createApollo(subgraph, logger);
  await apollo.start();
  const server = createWebServer({ keepAliveTimeout: KEEP_ALIVE_MS }, options.certificate);
  server.on('request', (request, response) => {
    answer(apollo, options, request).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      (error: unknown) => refuse(response, error, logger),
    );
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.certificate ? 'https' : 'http'}://${options.host}:${port}/graphql`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await apollo.stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function answer(
  apollo: ApolloServer<SubgraphContext>,
  { verifier, bodyBytes }: ServeOptions,
  request: IncomingMessage,
): Promise<Answer> {
  const token = request.headers[IDENTITY_HEADER];
  const identity = await verifier.verify(typeof token === 'string' ? token : undefined);
  const { pathname, search } = new URL(request.url ?? '/', 'http://subgraph');
  if (pathname !== '/graphql') throw new AppError('NOT_FOUND', 'Only /graphql is served here.');
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) if (value) headers.set(name, String(value));
  const result = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method ?? 'GET',
      headers,
      search,
      body: parseJson(await readBody(request, bodyBytes ?? BODY_BYTES)),
    },
    context: async () => createContext(identity, requestIdOf(request)),
  });
  if (result.body.kind !== 'complete') throw new AppError('BAD_REQUEST', 'A subgraph answers in one piece.');
  return { status: result.status ?? 200, headers: Object.fromEntries(result.headers), body: result.body.string };
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AppError('BAD_REQUEST', 'The body is not JSON.', { cause });
  }
}

/** The gateway's own id of the request, so that both logs can be read together. */
function requestIdOf(request: IncomingMessage): string {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : randomUUID();
}

function refuse(response: ServerResponse, error: unknown, logger: Logger): void {
  const known = error instanceof AppError ? error : new AppError('INTERNAL', 'Something failed inside.');
  if (known !== error) logger.error({ err: error }, 'A subgraph request failed');
  const body = JSON.stringify({ errors: [{ message: known.message, extensions: { code: known.code } }] });
  // The rest of an unread body must not be taken for the next request.
  response.writeHead(known.status, { 'content-type': 'application/json', connection: 'close' }).end(body);
}

function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new AppError('PORT_IN_USE', `Port ${port} is in use.`, { cause, extensions: { port } })
          : cause,
      ),
    );
    server.listen(port, host, resolve);
  });
}
