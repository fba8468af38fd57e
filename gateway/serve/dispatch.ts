import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { HttpRoute } from '../options.ts';
import { toFailure } from './failure.ts';
import type { Endpoint } from './graphql-endpoint.ts';
import type { createHealth } from './health.ts';
import { requireOneHost } from './host.ts';
import { findRoute, pathOf } from './mount.ts';
import { requestIdOf } from './request-id.ts';
import { SECURITY_HEADERS, sendFailure } from './respond.ts';

/** The path of GraphQL, over every transport. */
export const GRAPHQL_PATH = '/graphql';

/** Who answers what. */
export interface DispatchOptions {
  readonly graphql: Endpoint | undefined;
  readonly health: ReturnType<typeof createHealth>;
  readonly routes: readonly HttpRoute[];
  readonly isClosing: () => boolean;
  /** Headers of every answer, besides those that each has. */
  readonly headers: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

/** Sends a request to whoever answers its path: GraphQL, health, a mounted route, or 404. Never rejects. */
export function createDispatch({ graphql, health, routes, isClosing, headers, logger }: DispatchOptions) {
  const everywhere = Object.entries({ ...SECURITY_HEADERS, ...headers });

  async function answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const path = pathOf(request.url);
    if (graphql && path === GRAPHQL_PATH) return graphql(request, response, requestId);
    if (path === '/health/live' || path === '/health/ready') return health(request, response, path, requestId);
    const route = findRoute(routes, path);
    if (!route) throw new AppError('NOT_FOUND', 'Nothing is served at this path.');
    await route.handle(request, response);
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    // Seen by mounted routes, and the one answered.
    request.headers['x-request-id'] = requestId;
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of everywhere) response.setHeader(name, value);
    if (isClosing()) response.setHeader('connection', 'close');
    try {
      requireOneHost(request);
      await answer(request, response, requestId);
    } catch (error) {
      const failure = toFailure(error, logger, requestId);
      if (response.headersSent) response.destroy();
      else sendFailure(response, failure);
    }
  };
}
