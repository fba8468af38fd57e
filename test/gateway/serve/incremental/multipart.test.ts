import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../demo-gateway.ts';
import { outcomeOf } from '../read-answer.ts';
import { createDeferring, PartSource } from './deferring-engine.ts';
import { readBodies, readParts } from './parts.ts';

const OLDER = 'multipart/mixed;deferSpec=20220824';
const CURRENT = 'multipart/mixed;incrementalSpec=v0.2';
const APOLLO_3 = `${OLDER},application/graphql-response+json,application/json;q=0.9`;
const APOLLO_4 = `${CURRENT},application/graphql-response+json,application/json;q=0.9`;
const URQL =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';

const deferring = createDeferring([
  { id: '0', path: [], label: null },
  { id: '1', path: ['list', 2], label: 'Slow' },
]);
let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ engine: deferring.wrap, tuning: { drainTimeoutMs: 500 } });
});
afterAll(() => demo.close());
beforeEach(() => {
  deferring.source = new PartSource();
  deferring.requests.length = 0;
});

function ask(accept: string | null, query = '{ hello }', init: RequestInit & { encoding?: string } = {}) {
  const { encoding = 'identity', ...rest } = init;
  const headers = {
    'content-type': 'application/json',
    'accept-encoding': encoding,
    ...(accept === null ? {} : { accept }),
  };
  return fetch(demo.graphql, { method: 'POST', headers, body: JSON.stringify({ query }), ...rest });
}

function bothParts(): void {
  deferring.source.push({ id: '0', data: { world: 'wide' } });
  deferring.source.push({
    id: '1',
    data: null,
    errors: [{ message: 'down', path: ['list', 2, 'x'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
  });
  deferring.source.end();
}

describe('an answer whose parts come later', () => {
  it('is sent in the older form to who asks for deferSpec=20220824', async () => {
    bothParts();
    const response = await ask(APOLLO_3);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'multipart/mixed; boundary="-"; deferSpec=20220824',
      'no-store, no-transform',
    ]);
    expect(await readBodies(response)).toEqual([
      { data: { hello: 'hello world' }, hasNext: true },
      { incremental: [{ data: { world: 'wide' }, path: [] }], hasNext: true },
      {
        incremental: [
          {
            data: null,
            path: ['list', 2],
            label: 'Slow',
            errors: [{ message: 'down', path: ['list', 2, 'x'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
          },
        ],
        hasNext: false,
      },
    ]);
  });

  it('is sent in the current form to who asks for incrementalSpec=v0.2', async () => {
    bothParts();
    const response = await ask(APOLLO_4);
    expect(response.headers.get('content-type')).toBe('multipart/mixed; boundary="-"; incrementalSpec=v0.2');
    expect(await readBodies(response)).toEqual([
      {
        data: { hello: 'hello world' },
        pending: [
          { id: '0', path: [] },
          { id: '1', path: ['list', 2], label: 'Slow' },
        ],
        hasNext: true,
      },
      { incremental: [{ id: '0', data: { world: 'wide' } }], completed: [{ id: '0' }], hasNext: true },
      {
        completed: [
          {
            id: '1',
            errors: [{ message: 'down', path: ['list', 2, 'x'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
          },
        ],
        hasNext: false,
      },
    ]);
  });

  it.each([
    [URQL, 'multipart/mixed; boundary="-"; deferSpec=20220824'],
    ['multipart/mixed', 'multipart/mixed; boundary="-"; deferSpec=20220824'],
    [`${OLDER};q=0.5, ${CURRENT};q=0.8`, 'multipart/mixed; boundary="-"; incrementalSpec=v0.2'],
    [`${CURRENT};q=0.5, ${OLDER}, application/json;q=0.1`, 'multipart/mixed; boundary="-"; deferSpec=20220824'],
    [
      'multipart/mixed;incrementalSpec=v0.9, multipart/mixed;q=0.7',
      'multipart/mixed; boundary="-"; deferSpec=20220824',
    ],
  ])('is sent to who accepts %s as %s', async (accept, type) => {
    bothParts();
    const response = await ask(accept);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await readBodies(response)).toHaveLength(3);
  });

  it.each([
    null,
    '*/*',
    'application/json',
    `application/json, ${OLDER};q=0.5`,
    'application/json, multipart/mixed;subscriptionSpec="1.0"',
    'application/json, multipart/mixed;incrementalSpec=v0.9',
  ])('is never made for who accepts %s', async (accept) => {
    const response = await ask(accept);
    expect(await response.json()).toEqual({ data: { hello: 'hello world' } });
    expect(deferring.requests).toMatchObject([{ incremental: false }]);
  });

  it('sends each part when it is there, with the delimiter that tells it whole', async () => {
    const response = await ask(OLDER);
    const parts = readParts(response);
    expect((await parts.next()).value.headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    const second = parts.next();
    expect(await Promise.race([second, wait(50, 'nothing yet')])).toBe('nothing yet');
    deferring.source.push({ id: '1', data: { late: 1 } });
    expect((await second).value.body).toEqual({
      incremental: [{ data: { late: 1 }, path: ['list', 2], label: 'Slow' }],
      hasNext: true,
    });
    deferring.source.push({ id: '0' });
    expect((await parts.next()).value.body).toMatchObject({ hasNext: false });
    expect((await parts.next()).done).toBe(true);
  });

  it.each(['gzip', 'br', 'deflate'])('sends each part when it is there through %s too', async (encoding) => {
    const response = await ask(OLDER, '{ hello }', { encoding });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    const parts = readParts(response);
    expect((await parts.next()).value.body).toEqual({ data: { hello: 'hello world' }, hasNext: true });
    deferring.source.push({ id: '1', data: { text: 'x'.repeat(5_000) } });
    expect((await parts.next()).value.body).toMatchObject({ hasNext: true });
    deferring.source.push({ id: '0' });
    expect((await parts.next()).value.body).toMatchObject({ hasNext: false });
    expect((await parts.next()).done).toBe(true);
  });

  it('ends when its client goes: the operation is cancelled, the source left', async () => {
    const abort = new AbortController();
    const response = await ask(OLDER, '{ hello }', { signal: abort.signal });
    await readParts(response).next();
    const { source } = deferring;
    const signal = deferring.signals.at(-1);
    abort.abort();
    await expect.poll(() => signal?.aborted).toBe(true);
    source.push({ id: '0' });
    await expect.poll(() => source.returned).toBe(true);
  });

  it('waits for a client that does not read, and cuts it off in the end', async () => {
    const response = await ask(OLDER);
    const { source } = deferring;
    const large = 'x'.repeat(1_000_000);
    for (let index = 0; index < 40; index += 1)
      source.push({
        id: index === 0 ? '0' : `n${index - 1}`,
        data: { large },
        pending: [{ id: `n${index}`, path: [], label: null }],
      });
    await expect.poll(() => source.returned, { timeout: 5_000 }).toBe(true);
    await expect(response.text()).rejects.toThrow();
  });

  it('is one part when nothing comes later and nothing else is accepted', async () => {
    const plain = await startDemo();
    const headers = { 'content-type': 'application/json', accept: OLDER };
    const response = await fetch(plain.graphql, { method: 'POST', headers, body: '{"query":"{ hello }"}' });
    expect(await readBodies(response)).toEqual([{ data: { hello: 'hello world' }, hasNext: false }]);
    await plain.close();
  });

  it('is refused as JSON when it cannot begin', async () => {
    expect(await outcomeOf(await ask(OLDER, '{ nope }'))).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });

  it('is not asked for in a batch', async () => {
    const batching = await startDemo({ engine: deferring.wrap, batching: true });
    const headers = { 'content-type': 'application/json', accept: APOLLO_3 };
    const response = await fetch(batching.graphql, { method: 'POST', headers, body: '[{"query":"{ hello }"}]' });
    expect(await response.json()).toEqual([{ data: { hello: 'hello world' } }]);
    await batching.close();
  });
});

describe('over server-sent events', () => {
  it('parts are events in the older form', async () => {
    bothParts();
    const text = await (await ask('text/event-stream')).text();
    const events = text.split('\n\n').filter(Boolean);
    expect(events.map((event) => event.split('\n')[0])).toEqual([
      'event: next',
      'event: next',
      'event: next',
      'event: complete',
    ]);
    expect(events.slice(0, 2).map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)))).toEqual([
      { data: { hello: 'hello world' }, hasNext: true },
      { incremental: [{ data: { world: 'wide' }, path: [] }], hasNext: true },
    ]);
  });
});
