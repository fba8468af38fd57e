import { request as httpRequest } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo-gateway.ts';
import { outcomeOf, readAnswer } from './read-answer.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ tuning: { bodyTimeoutMs: 300 } });
  await post({ query: '{ hello }' });
});
afterAll(() => demo.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const RESPONSE = 'application/graphql-response+json';

function send(body: string | Buffer, headers: Record<string, string> = JSON_TYPE) {
  return fetch(demo.graphql, { method: 'POST', headers, body });
}
function post(params: unknown, headers: Record<string, string> = {}) {
  return send(JSON.stringify(params), { ...JSON_TYPE, ...headers });
}
function get(params: Record<string, string>, headers: Record<string, string> = { 'apollo-require-preflight': '1' }) {
  return fetch(`${demo.graphql}?${new URLSearchParams(params)}`, { headers });
}
describe('POST', () => {
  it('answers a federated query', async () => {
    const response = await post({ query: 'query Q($id: ID!) { account(id: $id) { name } }', variables: { id: '7' } });
    expect([response.status, await response.json()]).toEqual([200, { data: { account: { name: 'Account 7' } } }]);
  });

  it.each([
    ['application/json', 'application/json'],
    [RESPONSE, RESPONSE],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html, application/json;q=0.5', 'application/json'],
    [`application/json;q=0.5, ${RESPONSE};q=0.9`, RESPONSE],
    [`${RESPONSE};q=0, */*`, 'application/json'],
  ])('answers Accept %s with %s', async (accept, type) => {
    const response = await post({ query: '{ hello }' }, { accept });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
  });

  it.each(['text/html', 'application/xml', 'application/json; charset=latin1', 'multipart/mixed; deferSpec=20200101'])(
    'does not answer Accept %s',
    async (accept) => {
      expect(await outcomeOf(await post({ query: '{ hello }' }, { accept }))).toEqual([406, 'NOT_ACCEPTABLE']);
    },
  );

  it.each([
    ['a syntax error', '{', {}, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nope }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing variable', 'query($id: ID!) { account(id: $id) { id } }', {}, 'BAD_USER_INPUT'],
    [
      'a variable of the wrong type',
      'query($ms: Int!) { slow(ms: $ms) }',
      { variables: { ms: 'x' } },
      'BAD_USER_INPUT',
    ],
    [
      'an unknown operation',
      'query A { hello } query B { hello }',
      { operationName: 'C' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])(
    'answers %s with 400, and with 200 where application/json is asked for by name',
    async (_name, query, rest, code) => {
      expect(await outcomeOf(await post({ query, ...rest }, { accept: RESPONSE }))).toEqual([400, code]);
      expect(await outcomeOf(await post({ query, ...rest }))).toEqual([400, code]);
      expect(await outcomeOf(await post({ query, ...rest }, { accept: 'application/json' }))).toEqual([200, code]);
    },
  );

  it('tells no more than that a field is unknown', async () => {
    expect(await (await post({ query: '{ helo account(idd: 1) { naem } }' })).text()).not.toMatch(
      /did you mean|"hello"/i,
    );
  });

  it.each([
    ['a batch', '[{"query":"{hello}"}]'],
    ['a text', '"{hello}"'],
    ['null', 'null'],
    ['nothing', ''],
    ['malformed JSON', '{"query":'],
    ['no query', '{"variables":{}}'],
    ['a query that is a list', '{"query":["{hello}"]}'],
    ['variables that are a text', '{"query":"{hello}","variables":"{}"}'],
    ['variables that are a list', '{"query":"{hello}","variables":[]}'],
    ['an operation name that is a number', '{"query":"{hello}","operationName":1}'],
    ['extensions that are a list', '{"query":"{hello}","extensions":[]}'],
  ])('refuses %s with 400', async (_name, body) => {
    expect(await outcomeOf(await send(body))).toEqual([400, 'BAD_REQUEST']);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"query":"{hello(name:\\"'), Buffer.from([0xff]), Buffer.from('\\")}"}')]);
    expect(await outcomeOf(await send(body))).toEqual([400, 'BAD_REQUEST']);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-7',
    'application/json; charset=utf-16',
    'application/graphql',
    '',
  ])('refuses content type "%s" with 415 before anything runs', async (type) => {
    demo.graph.calls.length = 0;
    const body = Buffer.from('{"query":"mutation{rename(id:1,name:\\"x\\"){id}}"}');
    expect(await outcomeOf(await send(body, type ? { 'content-type': type } : {}))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
    expect(demo.graph.calls).toEqual([]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('inflates %s', async (encoding, compress) => {
    const body = compress(Buffer.from('{"query":"{hello}"}'));
    const response = await send(body, { ...JSON_TYPE, 'content-encoding': encoding });
    expect(await response.json()).toEqual({ data: { hello: 'hello world' } });
  });

  it('refuses an encoding it does not know, and one that does not decode', async () => {
    const unknown = await send('{}', { ...JSON_TYPE, 'content-encoding': 'zstd' });
    expect(unknown.headers.get('accept-encoding')).toBe('gzip, deflate, br');
    expect(await outcomeOf(unknown)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await outcomeOf(await send('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }))).toEqual([
      400,
      'BAD_REQUEST',
    ]);
  });

  it('refuses a body over 1 MB, told or streamed, plain or inflated, and goes on', async () => {
    const big = Buffer.alloc(1_100_000, 0x20);
    expect(await outcomeOf(await send(big))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(big);
        controller.close();
      },
    });
    const streamed = { method: 'POST', headers: JSON_TYPE, body: stream, duplex: 'half' } as RequestInit;
    expect(await outcomeOf(await fetch(demo.graphql, streamed))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    expect(await outcomeOf(await send(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' }))).toEqual([
      413,
      'PAYLOAD_TOO_LARGE',
    ]);
    expect((await post({ query: '{ hello }' })).status).toBe(200);
  });

  it('does not wait for a body that does not come', async () => {
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const slow = httpRequest(
        demo.graphql,
        { method: 'POST', headers: { ...JSON_TYPE, 'content-length': 100 } },
        (response) => {
          let body = '';
          response.on('data', (chunk) => (body += chunk));
          response.on('end', () => resolve({ status: response.statusCode, body }));
        },
      );
      slow.on('error', reject);
      slow.write('{"query"');
    });
    expect([answer.status, JSON.parse(answer.body).errors[0].extensions.code]).toEqual([408, 'REQUEST_TIMEOUT']);
  });

  it('names no prototype in its answers', async () => {
    const response = await send(
      '{"query":"{__proto__:hello constructor:hello}","variables":{"__proto__":{"polluted":1}}}',
    );
    expect(await response.text()).toBe('{"data":{"__proto__":"hello world","constructor":"hello world"}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses a subscription that has nothing to be streamed on, saying what to do', async () => {
    const response = await post({ query: 'subscription { invoiceChanged { id } }' });
    const { errors } = await readAnswer(response);
    expect([response.status, errors?.[0].extensions.code, errors?.[0].message]).toEqual([
      406,
      'NOT_ACCEPTABLE',
      expect.stringContaining('text/event-stream'),
    ]);
  });

  it('cancels an operation whose client goes away', async () => {
    const signal = AbortSignal.timeout(100);
    let aborted = false;
    demo.graph.intercept((request) => {
      request.signal.addEventListener('abort', () => (aborted = true));
      return undefined;
    });
    const body = JSON.stringify({ query: '{ slow(ms: 500) }' });
    await expect(fetch(demo.graphql, { method: 'POST', headers: JSON_TYPE, body, signal })).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    demo.graph.intercept(() => undefined);
    expect(aborted).toBe(true);
  });
});

describe('GET', () => {
  it.each([{ 'apollo-require-preflight': '1' }, { 'x-apollo-operation-name': 'Q' }, JSON_TYPE])(
    'answers a query that no other origin could send: %j',
    async (headers: Record<string, string>) => {
      const variables = JSON.stringify({ name: 'you' });
      const response = await get({ query: 'query($name: String) { hello(name: $name) }', variables }, headers);
      expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
    },
  );

  it.each<[string, Record<string, string>, Record<string, string>, unknown[]]>([
    ['no preflight header', { query: '{hello}' }, {}, [400, 'BAD_REQUEST']],
    ['another content type', { query: '{hello}' }, { 'content-type': 'message/x' }, [415, 'UNSUPPORTED_MEDIA_TYPE']],
    ['no query', {}, JSON_TYPE, [400, 'BAD_REQUEST']],
    ['variables that are no JSON', { query: '{hello}', variables: '{' }, JSON_TYPE, [400, 'BAD_REQUEST']],
    ['variables that are a list', { query: '{hello}', variables: '[]' }, JSON_TYPE, [400, 'BAD_REQUEST']],
  ])('refuses %s', async (_name, params, headers, expected) => {
    expect(await outcomeOf(await get(params, headers))).toEqual(expected);
  });

  it('refuses a parameter that is given twice', async () => {
    const response = await fetch(`${demo.graphql}?query={hello}&query={hello}`, { headers: JSON_TYPE });
    expect(await outcomeOf(response)).toEqual([400, 'BAD_REQUEST']);
  });

  it('refuses a mutation, naming POST', async () => {
    const response = await get({ query: 'mutation { rename(id: 1, name: "x") { id } }' });
    expect(response.headers.get('allow')).toBe('POST');
    expect(await outcomeOf(response)).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
});

describe('every answer', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s, naming what is allowed', async (method) => {
    const response = await fetch(demo.graphql, { method });
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(await outcomeOf(response)).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });

  it('is JSON where nothing is served', async () => {
    expect(await outcomeOf(await fetch(`${demo.url}/nowhere`))).toEqual([404, 'NOT_FOUND']);
    expect(await outcomeOf(await fetch(`${demo.url}/graphql/more`))).toEqual([404, 'NOT_FOUND']);
  });

  it('carries the request id: the caller’s own when it is harmless', async () => {
    const own = await post({ query: '{ hello }' }, { 'x-request-id': 'trace-1' });
    const forged = await post({ query: '{ hello }' }, { 'x-request-id': 'a b<script>' });
    expect(own.headers.get('x-request-id')).toBe('trace-1');
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('carries the security headers', async () => {
    const { headers } = await post({ query: '{ hello }' });
    const names = [
      'x-content-type-options',
      'cache-control',
      'x-frame-options',
      'content-security-policy',
      'x-powered-by',
    ];
    expect(names.map((name) => headers.get(name))).toEqual([
      'nosniff',
      'no-store',
      'DENY',
      "default-src 'none'; frame-ancestors 'none'",
      null,
    ]);
  });
});
