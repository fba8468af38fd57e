import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { HttpRoute } from '../options.ts';
import type { CommonHeaders } from './common-headers.ts';
import { toFailure } from './failure.ts';
import type { Endpoint } from './graphql-endpoint.ts';
import type { createHealth } from './health.ts';
import { namesOneHost, requireOneHost } from './host.ts';
import { findRoute, pathOf } from './mount.ts';
import { requestIdOf } from './request-id.ts';
import { sendFailure } from './respond.ts';

/** The path of GraphQL, over every transport. */
export const GRAPHQL_PATH = '/graphql';

/** Who answers what. */
export interface DispatchOptions {
  readonly graphql: Endpoint | undefined;
  readonly health: ReturnType<typeof createHealth>;
  readonly routes: readonly HttpRoute[];
  readonly common: CommonHeaders;
  readonly logger: Logger;
}

/** Sends a request to whoever answers its path: GraphQL, health, a mounted route, or 404. Never rejects. */
export function createDispatch({ graphql, health, routes, common, logger }: DispatchOptions) {
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    requestId: string,
  ): Promise<void> {
    requireOneHost(request);
    if (path === '/health/live' || path === '/health/ready') return health(request, response, path, requestId);
    const route = findRoute(routes, path);
    if (!route) throw new AppError('NOT_FOUND', 'Nothing is served at this path.');
    await route.handle(request, response);
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    // Seen by mounted routes, and the one answered.
    request.headers['x-request-id'] = requestId;
    const path = pathOf(request.url);
    // It sets its headers itself, all at once; only a request that names no host, or several, never reaches it.
    if (graphql && path === GRAPHQL_PATH && namesOneHost(request)) return graphql(request, response, requestId);
    common.set(response, requestId);
    try {
      await answer(request, response, path, requestId);
    } catch (error) {
      const failure = toFailure(error, logger, requestId);
      if (response.headersSent) response.destroy();
      else sendFailure(response, failure);
    }
  };
}
