import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEncoding } from '../../../gateway/serve/compression.ts';
import { type Demo, startDemo } from './demo-gateway.ts';

describe('the coding of an answer', () => {
  it.each([
    ['gzip, deflate, br', 'gzip'],
    ['br', 'br'],
    ['deflate', 'deflate'],
    ['gzip;q=0.5, br;q=0.8', 'br'],
    ['gzip;q=0, br;q=0', null],
    ['*', 'gzip'],
    ['gzip;q=0, *', 'br'],
    ['*;q=0', null],
    ['identity', null],
    ['identity;q=1, gzip;q=0.5', null],
    ['GZIP', 'gzip'],
    ['zstd', null],
    ['gzip;q=nonsense', null],
    ['', null],
    [undefined, null],
  ])('for Accept-Encoding %s is %s', (header, encoding) => {
    expect(chooseEncoding(header)).toBe(encoding);
  });
});

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ compression: { minBytes: 500 } });
});
afterAll(() => demo.close());

/** As bytes: `fetch` would inflate them. */
function ask(of: Demo, name: string, encoding: string): Promise<{ headers: Record<string, unknown>; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'accept-encoding': encoding };
    const call = request(of.graphql, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    call.on('error', reject);
    call.end(JSON.stringify({ query: 'query($name: String) { hello(name: $name) }', variables: { name } }));
  });
}

describe('an answer', () => {
  const long = 'ä'.repeat(600);

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
    ['deflate', inflateSync],
  ])('that is long enough is sent in %s', async (encoding, inflate) => {
    const { headers, bytes } = await ask(demo, long, encoding);
    expect(headers).toMatchObject({
      'content-encoding': encoding,
      'content-length': String(bytes.byteLength),
      vary: 'accept-encoding',
      'cache-control': 'no-store',
    });
    expect(JSON.parse(inflate(bytes).toString())).toEqual({ data: { hello: `hello ${long}` } });
    expect(bytes.byteLength).toBeLessThan(200);
  });

  it.each([
    ['short', 'you', 'gzip'],
    ['wanted as it is', long, 'identity'],
  ])('that is %s is sent as it is', async (_name, name, encoding) => {
    const { headers, bytes } = await ask(demo, name, encoding);
    expect([headers['content-encoding'], headers['vary'], JSON.parse(bytes.toString())]).toEqual([
      undefined,
      'accept-encoding',
      { data: { hello: `hello ${name}` } },
    ]);
  });

  it('is never compressed where that is off', async () => {
    const off = await startDemo({ compression: false });
    const { headers } = await ask(off, long, 'gzip');
    expect([headers['content-encoding'], headers['vary']]).toEqual([undefined, undefined]);
    await off.close();
  });
});
