import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromUrl, type UrlSourceOptions } from '../../../../gateway/supergraph/sources/from-url.ts';
import type { SupergraphSource } from '../../../../gateway/supergraph/sources/source.ts';
import { toSupergraphSource } from '../../../../gateway/supergraph/sources/to-source.ts';
import { until } from '../../../support/until.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handle: Handler;
let seen: IncomingMessage[];
let url: string;
let stop: () => void;
const sources: SupergraphSource[] = [];
beforeEach(async () => {
  seen = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph`;
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  stop();
});

/** Answers with the text, its ETag, and 304 to who has it. */
const publish =
  (text: string): Handler =>
  (request, response) => {
    const etag = `"${text}"`;
    response.setHeader('etag', etag);
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.end(text);
  };

function open(options: UrlSourceOptions = {}) {
  const source = fromUrl(url, { pollMs: 30, ...options });
  sources.push(source);
  const [changes, errors]: [string[], { code: string; message: string }[]] = [[], []];
  const started = source.start(
    (sdl) => changes.push(sdl),
    (error) => errors.push(error),
  );
  // One test waits for it; for the others closing the source ends it unheard.
  started.catch(() => undefined);
  return { source, started, changes, errors };
}

describe('a supergraph from a URL', () => {
  it('is asked for with If-None-Match, and told when it changes', async () => {
    handle = publish('one');
    const { started, changes } = open({ headers: { authorization: 'Bearer k' } });
    expect(await started).toBe('one');
    await until('it is polled', () => seen.length >= 3);
    expect(changes).toEqual([]);
    expect(seen[2]?.headers).toMatchObject({ 'if-none-match': '"one"', authorization: 'Bearer k' });
    handle = publish('two');
    await until('the change is told', () => changes.length > 0);
    expect(changes).toEqual(['two']);
  });

  it('is tried for again until it is there', async () => {
    handle = (_, response) => response.writeHead(503).end();
    const { started, errors, source } = open();
    await until('a failure is told', () => errors.length > 0);
    handle = publish('one');
    await source.reload?.();
    expect(await started).toBe('one');
    expect(errors[0]).toMatchObject({ code: 'SCHEMA_UNAVAILABLE' });
  });

  it.each<[string, Handler, UrlSourceOptions, RegExp]>([
    ['another status', (_, response) => response.writeHead(404).end(), {}, /answered 404\.$/],
    ['too many bytes', (_, response) => response.end('x'.repeat(100)), { maxBytes: 99 }, /more than 99 bytes\.$/],
    ['no answer in time', () => {}, { timeoutMs: 30 }, /did not answer within 30 ms\.$/],
    ['a broken connection', (request) => request.socket.destroy(), {}, /did not answer\.$/],
  ])('serves on and reports %s', async (_, broken, options, message) => {
    handle = publish('one');
    const { started, changes, errors } = open(options);
    expect(await started).toBe('one');
    handle = broken;
    await until('the failure is told', () => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'SCHEMA_UNAVAILABLE', message: expect.stringMatching(message) });
    expect(changes).toEqual([]);
  });

  it('names no query of its URL in what it reports', async () => {
    handle = (_, response) => response.writeHead(500).end();
    url += '?key=hunter2';
    const { errors } = open();
    await until('the failure is told', () => errors.length > 0);
    expect(errors[0]?.message).not.toContain('hunter2');
  });

  it('follows a redirect, and gives another origin none of its headers', async () => {
    handle = (request, response) => {
      const elsewhere = url.replace('127.0.0.1', 'localhost').replace('/supergraph', '/elsewhere');
      if (request.url === '/supergraph') response.writeHead(302, { location: '/moved' }).end();
      else if (request.url === '/moved') response.writeHead(307, { location: elsewhere }).end();
      else response.end('type A');
    };
    const { started } = open({ headers: { 'x-api-key': 'hunter2' } });
    expect(await started).toBe('type A');
    expect(seen.map(({ url: path, headers }) => [path, headers['x-api-key']])).toEqual([
      ['/supergraph', 'hunter2'],
      ['/moved', 'hunter2'],
      ['/elsewhere', undefined],
    ]);
  });

  it.each(['/supergraph', 'file:///etc/passwd', 'ftp://127.0.0.1/', 'http://'])(
    'is not had by a redirect to %s',
    async (location) => {
      handle = (_, response) => response.writeHead(301, { location }).end();
      const { errors } = open();
      await until('the failure is told', () => errors.length > 0);
      expect(errors[0]).toMatchObject({
        code: 'SCHEMA_UNAVAILABLE',
        message: expect.stringMatching(/redirects (to where it may not|more than 3 times)/),
      });
    },
  );

  it('looks at once when told to, and no more once it is closed', async () => {
    handle = publish('one');
    const { source, started, changes } = open({ pollMs: 60_000 });
    await started;
    handle = publish('two');
    await source.reload?.();
    expect(changes).toEqual(['two']);
    await source.close();
    const before = seen.length;
    await source.reload?.();
    expect(seen.length).toBe(before);
  });

  it('ends its start with SHUTTING_DOWN when it is closed before', async () => {
    handle = (_, response) => response.writeHead(503).end();
    const { source, started } = open();
    const ended = expect(started).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await until('it was tried', () => seen.length > 0);
    await source.close();
    await ended;
  });
});

describe('the place of a supergraph', () => {
  it.each(['http://user:key@host/', 'http://'])('%s is refused', (place) => {
    expect(() => toSupergraphSource(place)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
