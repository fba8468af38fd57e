import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSocket } from '../../../support/attack-transports.ts';
import { type Demo, PEOPLE, startDemo } from '../demo-gateway.ts';
import { outcomeOf, readAnswer } from '../read-answer.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });
const HELLO = 'query Hello($name: String) { hello(name: $name) }';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-documents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function post(demo: Demo, params: unknown, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json', ...headers };
  return fetch(demo.graphql, { method: 'POST', headers: type, body: JSON.stringify(params) });
}

function get(demo: Demo, params: Record<string, unknown>) {
  const texts = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const headers = { 'apollo-require-preflight': '1', accept: 'application/graphql-response+json' };
  return fetch(`${demo.graphql}?${new URLSearchParams(texts as [string, string][])}`, { headers });
}

/** One operation over graphql-transport-ws; its first message. */
async function overSocket(demo: Demo, payload: object) {
  const { socket } = await openSocket(demo.graphql, 'Bearer ada');
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  const [data] = await once(socket, 'message');
  socket.terminate();
  return JSON.parse(String(data));
}

describe('automatic persisted queries', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo({ apq: { size: 3 } });
  });
  afterAll(() => demo.close());

  it('are asked for, registered and then known by their hash, over POST, GET and WebSocket alike', async () => {
    const extensions = persisted(HELLO);
    expect(await outcomeOf(await post(demo, { extensions }, { accept: 'application/json' }))).toEqual([
      200,
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
    expect((await readAnswer(await get(demo, { extensions }))).errors?.[0].message).toBe('PersistedQueryNotFound');
    expect(await (await post(demo, { query: HELLO, extensions })).json()).toEqual({ data: { hello: 'hello world' } });
    const variables = { name: 'you' };
    expect(await (await post(demo, { extensions, variables })).json()).toEqual({ data: { hello: 'hello you' } });
    expect(await (await get(demo, { extensions, variables })).json()).toEqual({ data: { hello: 'hello you' } });
    expect(await overSocket(demo, { query: '', extensions, variables })).toMatchObject({
      type: 'next',
      payload: { data: { hello: 'hello you' } },
    });
    const loud = { persistedQuery: { version: 1, sha256Hash: sha256(HELLO).toUpperCase() } };
    expect(await outcomeOf(await post(demo, { extensions: loud }))).toEqual([200]);
  });

  it('can be registered by GET', async () => {
    const query = '{ registered: hello }';
    expect(await outcomeOf(await get(demo, { query, extensions: persisted(query) }))).toEqual([200]);
    expect(await outcomeOf(await get(demo, { extensions: persisted(query) }))).toEqual([200]);
  });

  it('are refused under a hash that is another’s, known or not', async () => {
    expect(await outcomeOf(await post(demo, { query: HELLO, extensions: persisted(HELLO) }))).toEqual([200]);
    for (const of of [HELLO, 'anything']) {
      const response = await post(demo, { query: '{ evil: hello }', extensions: persisted(of) });
      expect(await outcomeOf(response)).toEqual([400, 'BAD_REQUEST']);
    }
    expect(await (await post(demo, { extensions: persisted(HELLO) })).json()).toEqual({
      data: { hello: 'hello world' },
    });
  });

  it.each(['{', '{ nope }', 'query($id: ID!) { account(id: $id) { id } }'])(
    'are not kept when they do not run: %s',
    async (query) => {
      expect((await outcomeOf(await post(demo, { query, extensions: persisted(query) })))[0]).toBe(400);
      expect(await outcomeOf(await post(demo, { extensions: persisted(query) }))).toEqual([
        200,
        'PERSISTED_QUERY_NOT_FOUND',
      ]);
    },
  );

  it('are forgotten when the room is needed, the least used first', async () => {
    const texts = Array.from({ length: 5 }, (_, index) => `{ n${index}: hello }`);
    for (const query of texts) await post(demo, { query, extensions: persisted(query) });
    const known = await Promise.all(
      texts.map(async (query) => (await outcomeOf(await post(demo, { extensions: persisted(query) }))).length === 1),
    );
    expect(known).toEqual([false, false, true, true, true]);
  });

  it.each([
    ['another version', { version: 2, sha256Hash: sha256(HELLO) }],
    ['a hash of another length', { version: 1, sha256Hash: 'abc' }],
    ['a hash that is a number', { version: 1, sha256Hash: 1 }],
    ['no hash', { version: 1 }],
    ['a text', 'x'],
    ['a prototype', { version: 1, sha256Hash: '__proto__' }],
  ])('are refused with %s', async (_name, persistedQuery) => {
    expect(await outcomeOf(await post(demo, { query: HELLO, extensions: { persistedQuery } }))).toEqual([
      400,
      'BAD_REQUEST',
    ]);
  });

  it('are answered as not supported where they are off, so that clients send the text', async () => {
    const off = await startDemo({ apq: false });
    expect(await outcomeOf(await post(off, { query: HELLO, extensions: persisted(HELLO) }))).toEqual([
      200,
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ]);
    expect(await outcomeOf(await post(off, { query: HELLO, extensions: {} }))).toEqual([200]);
    await off.close();
  });

  it('are nobody’s business who is not known', async () => {
    const closed = await startDemo({ people: PEOPLE });
    expect(await outcomeOf(await post(closed, { extensions: persisted(HELLO) }))).toEqual([401, 'UNAUTHENTICATED']);
    await closed.close();
  });
});

const APOLLO = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [
    { id: sha256(HELLO), name: 'Hello', type: 'query', body: HELLO },
    { id: 'rename-1', name: 'Rename', type: 'mutation', body: 'mutation Rename { rename(id: 1, name: "x") { name } }' },
  ],
};
const RELAY = { [sha256(HELLO)]: HELLO, 'rename-1': APOLLO.operations[1]?.body };

describe.each([
  ['Apollo’s', APOLLO],
  ['Relay’s', RELAY],
])('trusted documents of a manifest in %s form', (_name, manifest) => {
  let open: Demo;
  let only: Demo;
  beforeAll(async () => {
    const path = join(folder, 'manifest.json');
    await writeFile(path, JSON.stringify(manifest));
    open = await startDemo({ trustedDocuments: { manifest: path } });
    only = await startDemo({ trustedDocuments: { manifest: path, only: true } });
  });
  afterAll(() => Promise.all([open.close(), only.close()]));

  it('are asked for by id and by hash', async () => {
    for (const demo of [open, only]) {
      const variables = { name: 'you' };
      const [documentId, extensions] = [sha256(HELLO), persisted(HELLO)];
      for (const response of [
        await post(demo, { documentId, variables }),
        await post(demo, { extensions, variables }),
        await post(demo, { query: HELLO, extensions, variables }),
        await get(demo, { documentId, variables }),
        await get(demo, { extensions, variables }),
      ])
        expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
      expect(await overSocket(demo, { query: '', documentId, variables })).toMatchObject({
        payload: { data: { hello: 'hello you' } },
      });
      expect(await (await post(demo, { documentId: 'rename-1' })).json()).toEqual({ data: { rename: { name: 'x' } } });
    }
  });

  it('are all that runs where nothing else is trusted, refused before it is parsed', async () => {
    only.graph.calls.length = 0;
    for (const params of [
      { query: '{ hello }' },
      { query: '{' },
      { query: '{ hello }', extensions: persisted('{ hello }') },
      { extensions: persisted('x') },
      { documentId: 'unknown' },
    ])
      expect(await outcomeOf(await post(only, params))).toEqual([403, 'DOCUMENT_UNTRUSTED']);
    expect(await outcomeOf(await get(only, { query: '{ hello }' }))).toEqual([403, 'DOCUMENT_UNTRUSTED']);
    expect(await overSocket(only, { query: '{ hello }' })).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'DOCUMENT_UNTRUSTED' } }],
    });
    expect(only.graph.calls).toEqual([]);
  });

  it('may stand beside others', async () => {
    expect(await outcomeOf(await post(open, { query: '{ hello }' }))).toEqual([200]);
    expect(await outcomeOf(await post(open, { documentId: 'unknown' }))).toEqual([404, 'DOCUMENT_UNKNOWN']);
    expect(await outcomeOf(await post(open, { documentId: '__proto__' }))).toEqual([404, 'DOCUMENT_UNKNOWN']);
    expect(await outcomeOf(await post(open, { documentId: 'rename-1', query: '{ hello }' }))).toEqual([
      400,
      'BAD_REQUEST',
    ]);
    expect(await outcomeOf(await get(open, { documentId: 'rename-1' }))).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
});

describe('a manifest that is wrong stops the start', () => {
  it.each([
    ['that is no JSON', '{', 'not JSON'],
    ['that is a list', '[]', 'neither'],
    ['of another format', '{"format":"x","version":1,"operations":[]}', 'format'],
    ['of another version', '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}', 'version 1'],
    ['without operations', '{"format":"apollo-persisted-query-manifest","version":1}', 'operations'],
    [
      'with an entry that has no body',
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"{a}"},{"id":"b"}]}',
      'operation 1',
    ],
    [
      'with an id twice',
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"{a}"},{"id":"a","body":"{b}"}]}',
      '"a"',
    ],
    [
      'with a body that is no GraphQL',
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"{"}]}',
      '"a"',
    ],
    ['with a text that is no GraphQL', '{"abc":"{"}', '"abc"'],
    ['with an entry that is no text', '{"abc":1}', '"abc"'],
  ])('%s', async (_name, text, what) => {
    const manifest = join(folder, 'wrong.json');
    await writeFile(manifest, text);
    const started = startDemo({ trustedDocuments: { manifest } });
    await expect(started).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('wrong.json'),
    });
    await expect(started).rejects.toThrow(what);
  });

  it('that is not there', async () => {
    await expect(startDemo({ trustedDocuments: { manifest: join(folder, 'absent.json') } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
