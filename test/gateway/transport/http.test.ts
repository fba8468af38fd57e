import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../../gateway/transport/http.ts';
import type { HttpTransportOptions } from '../../../gateway/transport/http-options.ts';
import type { SubgraphTransport } from '../../../gateway/transport/transport.ts';
import { type Answer, json, requestTo, startSubgraph } from './subgraph-server.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  answer: Answer,
  options: Partial<HttpTransportOptions> & { trusted?: boolean; timeoutMs?: number } = {},
) {
  const { trusted = true, timeoutMs = 2_000, ...rest } = options;
  const subgraph = await startSubgraph(answer);
  const transport = createHttpTransport({ subgraphs: { crm: { url: subgraph.url, trusted, timeoutMs } }, ...rest });
  closers.push(subgraph.close, () => transport.close());
  return { subgraph, transport };
}

const codeOf = (transport: SubgraphTransport, request = requestTo()) =>
  transport.send(request).then(
    () => 'answered',
    ({ code, message }) => {
      expect(message).not.toMatch(/127\.0\.0\.1|http:/);
      return code;
    },
  );

describe('the HTTP transport', () => {
  it('sends text, variables and request id, and answers data and errors', async () => {
    const result = { data: { hello: null }, errors: [{ message: 'no', path: ['hello'] }] };
    const { subgraph, transport } = await start(json(result));
    expect(await transport.send(requestTo({ text: 'query Q($a: Int) { hello(a: $a) }', variables: { a: 1 } }))).toEqual(
      result,
    );
    const [{ headers, body }] = subgraph.received as [(typeof subgraph.received)[0]];
    expect(JSON.parse(body)).toEqual({ query: 'query Q($a: Int) { hello(a: $a) }', variables: { a: 1 } });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': 'req-1' });
  });

  it('takes errors with a 4xx or 5xx status as the result they are', async () => {
    const { transport } = await start(json({ errors: [{ message: 'bad' }] }, 400));
    expect(await transport.send(requestTo())).toEqual({ errors: [{ message: 'bad' }] });
  });

  it('signs the identity for a trusted subgraph and for no other', async () => {
    const sign = async (identity: { subject: string }, subgraph: string) => `${identity.subject}@${subgraph}`;
    const trusted = await start(json({ data: {} }), { sign });
    const foreign = await start(json({ data: {} }), { sign, trusted: false });
    await trusted.transport.send(requestTo());
    await trusted.transport.send(requestTo({ identity: null }));
    await foreign.transport.send(requestTo());
    expect(trusted.subgraph.received.map(({ headers }) => headers['x-tributary-identity'])).toEqual([
      'ada@crm',
      undefined,
    ]);
    expect(foreign.subgraph.received[0]?.headers['x-tributary-identity']).toBeUndefined();
  });

  it('keeps its connections', async () => {
    const { subgraph, transport } = await start(json({ data: {} }));
    for (let index = 0; index < 20; index += 1) await transport.send(requestTo());
    expect(subgraph.connections()).toBeLessThanOrEqual(2);
  });

  it.each<[string, Answer, string]>([
    ['plain text', (response) => response.end('<html>'), 'SUBGRAPH_INVALID_RESPONSE'],
    ['a teapot', (response) => response.writeHead(418).end('teapot'), 'SUBGRAPH_INVALID_RESPONSE'],
    ['malformed JSON', (response) => response.end('{"data":'), 'SUBGRAPH_INVALID_RESPONSE'],
    ['JSON that is no result', json({ hello: 1 }), 'SUBGRAPH_INVALID_RESPONSE'],
    ['null data without errors', json({ data: null }), 'SUBGRAPH_INVALID_RESPONSE'],
    ['errors that are no list', json({ data: {}, errors: 'x' }), 'SUBGRAPH_INVALID_RESPONSE'],
    [
      'bytes that are not UTF-8',
      (response) => response.end(Buffer.from([0x22, 0xff, 0x22])),
      'SUBGRAPH_INVALID_RESPONSE',
    ],
    ['a redirect', (response) => response.writeHead(302, { location: '/' }).end(), 'SUBGRAPH_INVALID_RESPONSE'],
    ['a bare 503', (response) => response.writeHead(503).end('down'), 'SUBGRAPH_UNAVAILABLE'],
    [
      'a body that breaks off',
      (response, _received, socket) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"data":');
        setTimeout(() => socket.destroy(), 20);
      },
      'SUBGRAPH_INVALID_RESPONSE',
    ],
  ])('refuses %s', async (_name, answer, code) => {
    const { transport } = await start(answer);
    expect(await codeOf(transport)).toBe(code);
  });

  it('refuses more bytes than it was allowed', async () => {
    const { transport } = await start(json({ data: { big: 'x'.repeat(5_000) } }), { all: { maxResponseBytes: 1_000 } });
    expect(await codeOf(transport)).toBe('SUBGRAPH_INVALID_RESPONSE');
  });

  it('gives up at its time limit', async () => {
    const { transport } = await start(() => {}, { timeoutMs: 150 });
    const began = performance.now();
    expect(await codeOf(transport)).toBe('SUBGRAPH_TIMEOUT');
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it('cancels the call when the client goes away', async () => {
    let cut = false;
    const { transport } = await start((response) => response.on('close', () => (cut = true)));
    const controller = new AbortController();
    const code = codeOf(transport, requestTo({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await code).toBe('SUBGRAPH_UNAVAILABLE');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(cut).toBe(true);
  });

  it('sends a query once more when its connection is cut, a mutation never', async () => {
    let calls = 0;
    const { transport } = await start((response, received, socket) => {
      calls += 1;
      if (calls % 2 === 1) socket.destroy();
      else json({ data: { calls } })(response, received, socket);
    });
    expect(await transport.send(requestTo())).toEqual({ data: { calls: 2 } });
    expect(await codeOf(transport, requestTo({ kind: 'mutation', text: 'mutation { go }' }))).toBe(
      'SUBGRAPH_UNAVAILABLE',
    );
    expect(calls).toBe(3);
  });

  it('names a subgraph that is not there or not known', async () => {
    const transport = createHttpTransport({ subgraphs: { crm: { url: 'http://127.0.0.1:1/', trusted: false } } });
    closers.push(() => transport.close());
    expect(await codeOf(transport)).toBe('SUBGRAPH_UNAVAILABLE');
    expect(await codeOf(transport, requestTo({ subgraph: 'nobody' }))).toBe('SUBGRAPH_UNAVAILABLE');
  });
});
