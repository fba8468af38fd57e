import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../../gateway/transport/http.ts';
import type { HttpSubgraph, HttpTransportOptions } from '../../../gateway/transport/http-options.ts';
import type { ExchangeFacts, SubgraphRequest } from '../../../gateway/transport/transport.ts';
import { HELLO, type RawAnswer, response, startRawServer } from './raw-server.ts';
import { requestTo } from './subgraph-server.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(answer: RawAnswer, own: Partial<HttpSubgraph> = {}, options: Partial<HttpTransportOptions> = {}) {
  const server = await startRawServer(answer);
  const crm = { url: server.url, trusted: false, timeoutMs: 2_000, retry: false, ...own } as const;
  const transport = createHttpTransport({ subgraphs: { crm }, random: () => 0, ...options });
  closers.push(server.close, () => transport.close());
  const facts: ExchangeFacts[] = [];
  const ask = (parts: Partial<SubgraphRequest> & { kind?: 'query' | 'mutation' } = {}) =>
    transport.send(requestTo({ onExchange: (fact) => facts.push(fact), ...parts })).catch((error) => {
      expect(error.message).not.toMatch(/127\.0\.0\.1|http:|ECONN|hunter2/);
      return error.code;
    });
  return { server, transport, facts, ask };
}

const write =
  (bytes: string | Buffer): RawAnswer =>
  (socket) =>
    socket.write(bytes);
const YOU = { data: { hello: 'you' } };
const INVALID = 'SUBGRAPH_INVALID_RESPONSE';

describe('an answer', () => {
  it.each<[string, Buffer | string]>([
    [
      'with a byte order mark',
      response(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(YOU))])),
    ],
    [
      'of the GraphQL media type',
      response(JSON.stringify(YOU), ['content-type: application/graphql-response+json; charset=UTF-8']),
    ],
    ['after interim responses', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${HELLO}`],
    ['in gzip', response(gzipSync(JSON.stringify(YOU)), ['content-encoding: gzip'])],
    ['in brotli', response(brotliCompressSync(JSON.stringify(YOU)), ['content-encoding: BR'])],
    ['in deflate', response(deflateSync(JSON.stringify(YOU)), ['content-encoding: deflate'])],
    ['in bare deflate', response(deflateRawSync(JSON.stringify(YOU)), ['content-encoding: deflate'])],
    ['in no encoding, said so', response(JSON.stringify(YOU), ['content-encoding: identity'])],
  ])('%s is read', async (_, bytes) => {
    expect(await (await start(write(bytes))).ask()).toEqual(YOU);
  });

  it('that lasts as long as the connection is read', async () => {
    const { ask, server } = await start((socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${JSON.stringify(YOU)}`));
    expect([await ask(), await ask()]).toEqual([YOU, YOU]);
    expect(server.connections()).toBe(2);
  });

  it.each<[string, Buffer | string, string]>([
    ['that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', INVALID],
    ['of a page', response('<html>hunter2</html>', ['content-type: text/html']), INVALID],
    ['of JSON that calls itself text', response(JSON.stringify(YOU), ['content-type: text/plain']), INVALID],
    ['in another charset', response(JSON.stringify(YOU), ['content-type: application/json; charset=utf-16']), INVALID],
    ['of a page with 503', response('<html>', ['content-type: text/html'], 503), 'SUBGRAPH_UNAVAILABLE'],
    ['of nothing', response('', [], 204), INVALID],
    ['of an empty body', response(''), INVALID],
    ['that redirects', response('', ['location: http://127.0.0.1:1/hunter2'], 307), INVALID],
    ['of truncated JSON', response('{"data":{"hello":"yo'), INVALID],
    ['of JSON with something after it', response(`${JSON.stringify(YOU)}{}`), INVALID],
    ['of invalid UTF-8', response(Buffer.from('7b2264617461223a7b2261223a22ff227d7d', 'hex')), INVALID],
    ['of a list', response('[]'), INVALID],
    ['of 100,000 brackets', response('['.repeat(100_000)), INVALID],
    ['in an encoding nobody knows', response('x', ['content-encoding: zstd']), INVALID],
    ['in two encodings', response(gzipSync(gzipSync('{}')), ['content-encoding: gzip, gzip']), INVALID],
    ['in gzip that is none', response('hunter2', ['content-encoding: gzip']), INVALID],
    [
      'in gzip that breaks off',
      response(gzipSync(JSON.stringify(YOU)).subarray(0, 20), ['content-encoding: gzip']),
      INVALID,
    ],
    [
      'in both length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
      INVALID,
    ],
  ])('%s is refused', async (_, bytes, code) => {
    const { ask, facts } = await start(write(bytes));
    expect(await ask()).toBe(code);
    expect(facts).toMatchObject([{ error: code, attempts: 1 }]);
  });

  it('nested 10,000 levels deep is read without a crash', async () => {
    const { ask } = await start(write(response(`{"data":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`)));
    expect(await ask()).toHaveProperty('data.a');
  });

  it.each([
    ['announced', (bytes: number) => `HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\n\r\n${'x'.repeat(1_000)}`],
    [
      'in chunks',
      (bytes: number) =>
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${'x'.repeat(bytes)}`,
    ],
  ])('over the limit, %s, is refused while it is read, and the connection is closed', async (_, head) => {
    const { ask, facts, server } = await start(write(head(10_000_001)));
    expect(await ask()).toBe(INVALID);
    expect(facts).toMatchObject([{ error: INVALID }]);
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('of 10 MB is read', async () => {
    const big = 'x'.repeat(9_999_900);
    const { ask, facts } = await start(write(response(JSON.stringify({ data: { big } }))));
    expect((await ask()).data.big.length).toBe(big.length);
    expect(facts[0]?.receivedBytes).toBe(big.length + 19);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('that inflates beyond the limit from a few bytes of %s is refused', async (name, compress) => {
    const bomb = compress(Buffer.alloc(20_000_000, ' '));
    const { ask } = await start(write(response(bomb, [`content-encoding: ${name}`])), { maxResponseBytes: 1_000_000 });
    const before = process.memoryUsage().external;
    expect(await ask()).toBe(INVALID);
    expect(process.memoryUsage().external - before).toBeLessThan(10_000_000);
  });
});

describe('a connection', () => {
  it.each<[string, RawAnswer, string]>([
    ['closed before the answer', (socket) => socket.destroy(), 'SUBGRAPH_UNAVAILABLE'],
    ['reset before the answer', (socket) => socket.resetAndDestroy(), 'SUBGRAPH_UNAVAILABLE'],
    ['ended in order before the answer', (socket) => socket.end(), 'SUBGRAPH_UNAVAILABLE'],
    ['ended within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nConte'), INVALID],
    ['ended within the body', (socket) => socket.end(HELLO.subarray(0, -3)), INVALID],
    [
      'reset within the body',
      (socket) => socket.write(HELLO.subarray(0, -3), () => setTimeout(() => socket.resetAndDestroy(), 20)),
      INVALID,
    ],
  ])('%s fails with a code, and the next call takes a new one', async (_, fault, code) => {
    const { ask, server } = await start((socket, request) => {
      if (request.index === 1) fault(socket, request);
      else socket.write(HELLO);
    });
    expect([await ask(), await ask()]).toEqual([code, YOU]);
    expect(server.connections()).toBe(2);
  });

  it.each<[string, RawAnswer]>([
    ['that says nothing', () => {}],
    ['that stops within the head', write('HTTP/1.1 200 OK\r\n')],
    ['that stops within the body', write(HELLO.subarray(0, -3))],
    [
      'that trickles',
      (socket) => {
        let at = 0;
        const timer = setInterval(() => socket.write(HELLO.subarray(at, ++at)), 50);
        socket.on('close', () => clearInterval(timer));
      },
    ],
  ])('%s fails at the time limit and is closed', async (_, answer) => {
    const { ask, server } = await start(answer, { timeoutMs: 200 });
    const began = performance.now();
    expect(await ask()).toBe('SUBGRAPH_TIMEOUT');
    expect(performance.now() - began).toBeGreaterThan(190);
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('whose client leaves is closed, not kept for the next', async () => {
    const client = new AbortController();
    const { ask, server, facts } = await start((socket, { index }) => {
      if (index === 1) client.abort();
      setTimeout(() => socket.write(HELLO), 30);
    });
    expect(await ask({ signal: client.signal })).toBe('SUBGRAPH_UNAVAILABLE');
    expect(await ask()).toEqual(YOU);
    expect(server.connections()).toBe(2);
    expect(facts.map(({ attempts, error }) => [attempts, error])).toEqual([
      [1, 'SUBGRAPH_UNAVAILABLE'],
      [1, null],
    ]);
  });

  it('with bytes after the answer is not used again', async () => {
    const { ask, server } = await start((socket) =>
      socket.write(Buffer.concat([HELLO, response('{"data":{"hello":"other"}}')])),
    );
    expect([await ask(), await ask()]).toEqual([YOU, YOU]);
    expect(server.connections()).toBe(2);
  });

  it('on which bytes come unasked is not used again', async () => {
    const { ask, server } = await start((socket) => {
      socket.write(HELLO);
      setTimeout(() => socket.write(response('{"data":{"hello":"other"}}')), 20);
    });
    expect(await ask()).toEqual(YOU);
    await expect.poll(() => server.sockets.size).toBe(0);
    expect(await ask()).toEqual(YOU);
  });

  it('that the server closes while it is idle is left', async () => {
    const { ask, server } = await start((socket) => socket.write(HELLO, () => setTimeout(() => socket.end(), 10)));
    expect(await ask()).toEqual(YOU);
    await expect.poll(() => server.sockets.size).toBe(0);
    expect(await ask({ kind: 'mutation' })).toEqual(YOU);
  });

  it('that the server says it closes is not used again', async () => {
    const { ask, server } = await start(write(response(JSON.stringify(YOU), ['connection: close'])));
    expect([await ask(), await ask()]).toEqual([YOU, YOU]);
    expect(server.connections()).toBe(2);
  });

  it('that the server keeps for a second is given up before that', async () => {
    const { ask, server } = await start(write(response(JSON.stringify(YOU), ['keep-alive: timeout=1'])));
    expect([await ask(), await ask()]).toEqual([YOU, YOU]);
    expect(server.connections()).toBe(2);
  });

  it('is replaced after so many requests, and at an age', async () => {
    const counted = await start(write(HELLO), { connectionRequests: 2 });
    for (let index = 0; index < 5; index += 1) await counted.ask();
    expect(counted.server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3]);
    const aged = await start(write(HELLO), { connectionAgeMs: 0 });
    await aged.ask();
    await aged.ask();
    expect(aged.server.connections()).toBe(2);
  });

  it('is closed once it was idle for long', async () => {
    const { ask, server } = await start(write(HELLO), { idleMs: 100 });
    await ask();
    expect(server.sockets.size).toBe(1);
    await expect.poll(() => server.sockets.size, { timeout: 3_000 }).toBe(0);
  });
});

describe('a kept connection that the server closes as a request goes out', () => {
  const closing = (socket: Parameters<RawAnswer>[0], { connection }: { connection: number }) =>
    connection === 1 && socket.bytesWritten > 0 ? socket.destroy() : socket.write(HELLO);

  it('is replaced at once for a query', async () => {
    const { ask, facts, server } = await start(closing);
    expect([await ask(), await ask()]).toEqual([YOU, YOU]);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
    expect(facts[1]).toMatchObject({ attempts: 2, verdicts: ['stale-connection'], error: null });
  });

  it('fails a mutation, which is sent once', async () => {
    const { ask, server } = await start(closing);
    expect([await ask(), await ask({ kind: 'mutation' })]).toEqual([YOU, 'SUBGRAPH_UNAVAILABLE']);
    expect(server.requests.length).toBe(2);
  });

  it('fails a query of which an answer had begun', async () => {
    const { ask, server } = await start((socket, { index }) =>
      index === 2 ? socket.end('HTTP') : socket.write(HELLO),
    );
    expect([await ask(), await ask()]).toEqual([YOU, INVALID]);
    expect(server.requests.length).toBe(2);
  });
});

describe('what is sent', () => {
  it('is one request as RFC 9112 has it, the body in UTF-8', async () => {
    const { ask, server } = await start(write(HELLO));
    await ask({ variables: { name: 'Zoë 😀' } });
    const body = '{"query":"{ hello }","variables":{"name":"Zoë 😀"}}';
    const host = new URL(server.url).host;
    expect(server.requests).toEqual([
      {
        index: 1,
        connection: 1,
        body,
        head: [
          'POST /graphql HTTP/1.1',
          `host: ${host}`,
          'connection: keep-alive',
          'content-type: application/json',
          'accept: application/graphql-response+json, application/json;q=0.9',
          'x-request-id: req-1',
          `content-length: ${Buffer.byteLength(body)}`,
        ].join('\r\n'),
      },
    ]);
  });

  it('asks for compressed answers where that is wanted', async () => {
    const { ask, server } = await start(write(HELLO), { compression: true });
    await ask();
    expect(server.requests[0]?.head).toContain('accept-encoding: gzip, br, deflate');
  });

  it('does not carry a request id that cannot stand in a header', async () => {
    const { ask, server } = await start(write(HELLO));
    await ask({ requestId: 'a\r\nx-evil: 1' });
    expect(server.requests[0]?.head).not.toMatch(/evil|x-request-id/);
  });

  it('does not reach a host that does not connect for longer than it may', async () => {
    const crm = { url: 'http://192.0.2.1/', trusted: false, connectTimeoutMs: 100, retry: false } as const;
    const transport = createHttpTransport({ subgraphs: { crm } });
    closers.push(() => transport.close());
    const began = performance.now();
    await expect(transport.send(requestTo())).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it.each(['ftp://127.0.0.1/', 'http://user:hunter2@127.0.0.1/', '', 'not a URL'])('never goes to %j', (url) => {
    const create = () => createHttpTransport({ subgraphs: { crm: { url, trusted: false } } });
    expect(create).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', extensions: { setting: 'subgraphs.crm.url' } }),
    );
    expect(create).not.toThrow(/hunter2/);
  });
});
