import { createHash } from 'node:crypto';
import type { Engine } from '../engine.ts';
import type { Authenticate, HttpRoute } from '../options.ts';
import { authenticateWith } from '../serve/authenticate.ts';
import { methodNotAllowed, Refusal } from '../serve/refusal.ts';

/** Where a caller reads the schema as text. */
const SCHEMA_PATH = '/schema.graphql';

/**
 * `GET /schema.graphql`: the schema as the caller sees it, in SDL, with an ETag to ask again by. Callers without a token get the
 * same 401 as everywhere.
 */
export function createSchemaRoute(engine: Pick<Engine, 'sdlFor'>, authenticate: Authenticate | undefined): HttpRoute {
  return {
    prefix: SCHEMA_PATH,
    async handle(request, response) {
      const identity = await authenticateWith(authenticate, request.rawHeaders);
      if (request.url?.split('?', 1)[0] !== SCHEMA_PATH)
        throw new Refusal('NOT_FOUND', 'Nothing is served at this path.');
      if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed('GET, HEAD');
      const sdl = Buffer.from(engine.sdlFor(identity), 'utf8');
      const etag = `"${createHash('sha256').update(sdl).digest('base64url')}"`;
      const headers = { etag, 'cache-control': 'private, no-cache', vary: 'authorization' };
      if (request.headers['if-none-match'] === etag) {
        response.writeHead(304, headers).end();
        return;
      }
      const described = {
        ...headers,
        'content-type': 'application/graphql; charset=utf-8',
        'content-length': sdl.byteLength,
      };
      response.writeHead(200, described).end(request.method === 'HEAD' ? undefined : sdl);
    },
  };
}
