import { connect } from 'node:net';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { createCursorCodec } from '../../../gateway/subscriptions/cursor.ts';
import { createFrozenClock } from '../../../lib/clock.ts';
import type { Identity } from '../../../lib/identity.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { until } from '../../support/until.ts';
import {
  CURSOR_SECRET,
  DEMO_TOPICS,
  type Demo,
  identityOf,
  invoiceRecord,
  PEOPLE,
  startDemo,
} from '../serve/demo-gateway.ts';
import { outcomeOf } from '../serve/read-answer.ts';
import { openStream } from './event-stream.ts';

const ALL = 'subscription { invoiceChanged { id } }';
const changed = (id: string) => ({ data: { invoiceChanged: { id } } });
const publish = (...ids: string[]) =>
  bus.publish(
    'demo.invoice',
    ids.map((id) => invoiceRecord(id)),
  );

let bus: EmbeddedBus;
let demo: Demo;
beforeAll(async () => {
  bus = await openTestBus(DEMO_TOPICS);
  demo = await startDemo({ bus, people: PEOPLE, tuning: { heartbeatMs: 60 } });
  // The planner's thread starts with the first operation.
  await (await openStream(demo, { query: ALL })).close();
});
afterAll(async () => {
  await demo.close();
  await bus.close();
});

describe('a subscription over server-sent events', () => {
  it('is what the official client expects', async () => {
    const client = createClient({ url: demo.graphql, headers: { authorization: 'Bearer ada' }, retryAttempts: 0 });
    const results: unknown[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      client.subscribe(
        { query: 'subscription { invoiceChanged(accountId: "official") { id total account { name } } }' },
        { next: (result) => results.push(result), error: reject, complete: resolve },
      );
    });
    let sent = 0;
    await until('the client gets an event', async () => {
      sent += 1;
      await bus.publish('demo.invoice', [invoiceRecord(`in_${sent}`, 'acme', { accountId: 'official' })]);
      return results.length > 0;
    });
    expect(results[0]).toEqual({
      data: {
        invoiceChanged: {
          id: expect.stringMatching(/^in_/),
          total: expect.any(Number),
          account: { name: 'Account a1' },
        },
      },
    });
    client.dispose();
    await ended;
  });

  it('answers a query with one next and complete, to the official client too', async () => {
    const client = createClient({ url: demo.graphql, headers: { authorization: 'Bearer ada' }, retryAttempts: 0 });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: '{ hello }' })) results.push(result);
    expect(results).toEqual([{ data: { hello: 'hello world' } }]);
    client.dispose();
  });

  it('works over GET', async () => {
    const response = await fetch(`${demo.graphql}?query=${encodeURIComponent(ALL)}`, {
      headers: { accept: 'text/event-stream', authorization: 'Bearer ada', 'apollo-require-preflight': '1' },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await response.body?.cancel();
  });

  it('sends nothing before the first event, then events in their order', async () => {
    const stream = await openStream(demo, { query: ALL });
    const record = (version: number) => ({ ...invoiceRecord(`in_${version}`), key: 'same-key' });
    await bus.publish(
      'demo.invoice',
      Array.from({ length: 50 }, (_, index) => record(index)),
    );
    const received: unknown[] = [];
    for (let index = 0; index < 50; index += 1) received.push(await stream.data());
    expect(received).toEqual(Array.from({ length: 50 }, (_, index) => changed(`in_${index}`)));
    await stream.close();
  });

  it('filters before anything is fetched', async () => {
    const query = 'subscription($a: ID) { invoiceChanged(accountId: $a) { id total } }';
    const stream = await openStream(demo, { query, variables: { a: '42' } });
    demo.graph.calls.length = 0;
    await bus.publish('demo.invoice', [
      invoiceRecord('in_1', 'acme', { accountId: 7 }),
      invoiceRecord('in_2', 'acme'),
      invoiceRecord('in_3', 'acme', { accountId: 42 }),
    ]);
    expect(await stream.data()).toEqual({ data: { invoiceChanged: { id: 'in_3', total: 3 } } });
    expect(demo.graph.calls.length).toBe(1);
    await stream.close();
  });

  it('knows the caller in filters', async () => {
    const stream = await openStream(demo, { query: 'subscription { mine { id } }' });
    await bus.publish('demo.invoice', [
      invoiceRecord('in_1', 'acme', { owner: 'bob' }),
      invoiceRecord('in_2', 'acme', { owner: 'ada' }),
    ]);
    expect(await stream.data()).toEqual({ data: { mine: { id: 'in_2' } } });
    await stream.close();
  });

  it('gives each tenant its own events and no other', async () => {
    const [acme, globex] = await Promise.all([
      openStream(demo, { query: ALL }),
      openStream(demo, { query: ALL, token: 'eve' }),
    ]);
    const plain = { ...invoiceRecord('in_plain'), headers: {} };
    await bus.publish('demo.invoice', [plain, invoiceRecord('in_1', 'globex'), invoiceRecord('in_2', 'acme')]);
    expect(await acme.data()).toEqual(changed('in_2'));
    expect(await globex.data()).toEqual(changed('in_1'));
    await Promise.all([acme.close(), globex.close()]);
  });

  it('refuses a field beyond the scopes at subscribing, naming what is missing', async () => {
    const { response } = await openStream(demo, { query: ALL, token: 'bob' });
    expect(response.status).toBe(403);
  });

  it('prunes deeper fields from every answer', async () => {
    const stream = await openStream(demo, { query: 'subscription { invoiceChanged { id secret } }' });
    await publish('in_9');
    expect(await stream.data()).toEqual({
      data: { invoiceChanged: { id: 'in_9', secret: null } },
      errors: [
        expect.objectContaining({
          path: ['invoiceChanged', 'secret'],
          extensions: { code: 'FORBIDDEN', missingScopes: ['secret:read'] },
        }),
      ],
    });
    await stream.close();
  });

  it('passes over records that cannot be read or driven by, and goes on', async () => {
    const stream = await openStream(demo, { query: ALL });
    const good = invoiceRecord('in_good');
    await bus.publish('demo.invoice', [
      { ...good, value: Buffer.from('{') },
      { ...good, headers: { ...good.headers, ce_time: 'yesterday' } },
      {
        ...good,
        value: Buffer.from(JSON.stringify({ __typename: 'Account', id: 'x', type: 't', version: 1, changed: [] })),
      },
      good,
    ]);
    expect(await stream.data()).toEqual(changed('in_good'));
    await stream.close();
  });

  it.each<[string, string, number, string]>([
    ['a field without a source', 'subscription { undriven { id } }', 400, 'BAD_REQUEST'],
    ['a topic that does not exist', 'subscription { streamed(noun: "nothing") { id } }', 404, 'NOT_FOUND'],
    ['a topic out of reach', 'subscription { streamed(noun: "invoice.dlq") { id } }', 400, 'BAD_USER_INPUT'],
    ['a document that is wrong', 'subscription { nope }', 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a field that is skipped', 'subscription { invoiceChanged @skip(if: true) { id } }', 400, 'BAD_REQUEST'],
    ['__typename alone', 'subscription { __typename }', 400, 'GRAPHQL_VALIDATION_FAILED'],
  ])('is refused before it begins for %s', async (_name, query, status, code) => {
    const response = await fetch(demo.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'Bearer ada' },
      body: JSON.stringify({ query }),
    });
    expect(await outcomeOf(response)).toEqual([status, code]);
  });

  it('reads the topic of an argument', async () => {
    const stream = await openStream(demo, { query: 'subscription { streamed(noun: "other") { id } }' });
    await bus.publish('demo.other', [invoiceRecord('in_other')]);
    expect(await stream.data()).toEqual({ data: { streamed: { id: 'in_other' } } });
    await stream.close();
  });

  it('shows signs of life, and moves its id past events that were not for it', async () => {
    const stream = await openStream(demo, { query: 'subscription { mine { id } }' });
    await publish('in_1', 'in_2', 'in_3');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await bus.publish('demo.invoice', [invoiceRecord('in_4', 'acme', { owner: 'ada' })]);
    expect(await stream.data()).toEqual({ data: { mine: { id: 'in_4' } } });
    const codec = createCursorCodec(CURSOR_SECRET);
    const read = (cursor = '') =>
      codec.decode(cursor, { topics: ['demo.invoice'], tenant: 'acme' }).reduce((sum, { offset }) => sum + offset, 0);
    expect(stream.beats.length).toBeGreaterThan(1);
    expect(read(stream.beats.at(-1)) - read(stream.beats[0])).toBe(3);
    await stream.close();
  });
});

describe('a client that takes single answers and streams', () => {
  const accept = 'application/graphql-response+json, text/event-stream';
  it.each([
    ['{ hello }', 'application/graphql-response+json; charset=utf-8'],
    [ALL, 'text/event-stream; charset=utf-8'],
  ])('gets for %s what fits it', async (query, type) => {
    const response = await fetch(demo.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: 'Bearer ada' },
      body: JSON.stringify({ query }),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    await response.body?.cancel();
  });
});

describe('a gateway without authentication', () => {
  it('delivers plain JSON records as Cosmo’s producers write them, and refuses what needs a caller', async () => {
    const own = await startDemo({ bus });
    const stream = await openStream(own, { query: 'subscription { streamed(noun: "other") { id total } }' });
    const value = Buffer.from(JSON.stringify({ __typename: 'Invoice', id: 'in_8' }));
    await bus.publish('demo.other', [{ key: 'in_8', value, headers: {} }]);
    expect(await stream.data()).toEqual({ data: { streamed: { id: 'in_8', total: 8 } } });
    expect((await openStream(own, { query: ALL })).status).toBe(403);
    await own.close();
  });
});

describe('a token that ends midway', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');
  it('ends the stream with UNAUTHENTICATED at the next event, undelivered', async () => {
    const clock = createFrozenClock(NOW);
    const people = { ada: identityOf('ada', 'acme', ['billing:read'], NOW + 60_000) };
    const own = await startDemo({ bus, people, clock });
    const stream = await openStream(own, { query: ALL });
    await publish('in_1');
    expect(await stream.data()).toEqual(changed('in_1'));
    clock.advance(60_000);
    await publish('in_2');
    expect(await stream.next()).toMatchObject({
      event: 'next',
      id: null,
      data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    expect((await stream.next())?.event).toBe('complete');
    await own.close();
  });

  it('ends it without any event too', async () => {
    const people: Record<string, Identity> = {};
    const own = await startDemo({ bus, people });
    await own.engine.prepare({ query: ALL }, PEOPLE['ada'] ?? null);
    const expiresAt = Date.now() + 1_000;
    people['ada'] = identityOf('ada', 'acme', ['billing:read'], expiresAt);
    const stream = await openStream(own, { query: ALL });
    expect(await stream.data()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    await own.close();
  });
});

describe('a client that reads too slowly', () => {
  it('is let go when its buffer is full, and resumes', async () => {
    const own = await startDemo({ bus, people: PEOPLE, bufferLimit: 5 });
    const stream = await openStream(own, { query: 'subscription { invoiceChanged { id total } }' });
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { transport } = own.graph;
    const send = transport.send;
    Object.assign(transport, {
      send: async (request: Parameters<typeof send>[0]) => {
        await held;
        return send(request);
      },
    });
    await publish(...Array.from({ length: 20 }, (_, index) => `in_${index}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    expect(await stream.data()).toMatchObject({ errors: [{ extensions: { code: 'SLOW_CONSUMER' } }] });
    expect((await stream.next())?.event).toBe('complete');
    const again = await openStream(own, { query: ALL, lastEventId: stream.lastEventId() });
    const ids = new Set<unknown>();
    for (let index = 0; index < 20; index += 1) ids.add(JSON.stringify(await again.data()));
    expect(ids.size).toBe(20);
    await again.close();
    await own.close();
  });

  it('is cut off when it takes nothing at all', async () => {
    const own = await startDemo({ bus, people: PEOPLE, tuning: { drainTimeoutMs: 200 } });
    const { hostname, port } = new URL(own.url);
    const socket = connect(Number(port), hostname);
    const body = JSON.stringify({ query: ALL });
    const headers = [
      'POST /graphql HTTP/1.1',
      'host: a',
      'content-type: application/json',
      'accept: text/event-stream',
      'authorization: Bearer ada',
      `content-length: ${body.length}`,
    ];
    socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
    // It has begun once its first bytes are there; from then on nothing is read.
    await new Promise((resolve) => socket.once('readable', resolve));
    const gone = new Promise<string>((resolve) => {
      socket.once('error', () => resolve('gone'));
      socket.once('close', () => resolve('gone'));
    });
    const big = 'x'.repeat(100_000);
    for (let index = 0; index < 20; index += 1) {
      await bus.publish(
        'demo.invoice',
        Array.from({ length: 10 }, (_, at) => ({ ...invoiceRecord(`${big}${index}-${at}`), key: 'k' })),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
    socket.resume();
    expect(await gone).toBe('gone');
    await own.close();
  });
});
