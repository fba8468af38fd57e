import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import type { Identity } from '../../../lib/identity.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { until } from '../../support/until.ts';
import { DEMO_TOPICS, type Demo, identityOf, invoiceRecord, PEOPLE, startDemo } from './demo-gateway.ts';

const ALL = 'subscription { invoiceChanged { id } }';
const INIT = { type: 'connection_init', payload: { authorization: 'Bearer ada' } };

let bus: EmbeddedBus;
let demo: Demo;
const clients: Client[] = [];
beforeAll(async () => {
  bus = await openTestBus(DEMO_TOPICS);
  demo = await startDemo({ bus, people: PEOPLE, tuning: { initTimeoutMs: 200, maxOperations: 3 }, bodyBytes: 20_000 });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(async () => {
  await demo.close();
  await bus.close();
});

const wsUrl = (at = demo) => at.graphql.replace('http', 'ws');

function official(token = 'ada'): Client {
  const client = createClient({
    url: wsUrl(),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket without a client's manners. */
async function bare(options: ClientOptions = {}, at = demo) {
  const socket = new WebSocket(wsUrl(at), 'graphql-transport-ws', options);
  const messages: Message[] = [];
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    messages,
    closed,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    async wait(type: string): Promise<Message> {
      await until(type, () => messages.some((message) => message.type === type), 5_000);
      return messages.find((message) => message.type === type) as Message;
    },
  };
}
async function initialised(options?: ClientOptions, at?: Demo) {
  const socket = await bare(options, at);
  socket.send(INIT);
  await socket.wait('connection_ack');
  return socket;
}
const subscribe = (id: string, query: string, extensions = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, extensions },
});

describe('graphql-transport-ws, with the official client', () => {
  it('runs queries and mutations', async () => {
    const results: unknown[] = [];
    for await (const result of official().iterate({ query: '{ hello }' })) results.push(result);
    for await (const result of official().iterate({ query: 'mutation { rename(id: 1, name: "x") { name } }' }))
      results.push(result);
    expect(results).toEqual([{ data: { hello: 'hello world' } }, { data: { rename: { name: 'x' } } }]);
  });

  it('answers what is wrong with a document as the operation’s errors', async () => {
    const run = official().iterate({ query: '{ helo }' }).next();
    await expect(run).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' }, message: expect.not.stringContaining('Did you mean') },
    ]);
  });

  it('delivers events with a cursor each, and resumes from any of them', async () => {
    const client = official();
    const stream = client.iterate<{ invoiceChanged: { id: string } }>({ query: ALL });
    const first = stream.next();
    await until('an event comes', async () => {
      await bus.publish('demo.invoice', [invoiceRecord('in_warm')]);
      return Promise.race([first.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, 50, false))]);
    });
    await bus.publish('demo.invoice', [
      { ...invoiceRecord('in_1'), key: 'k' },
      { ...invoiceRecord('in_2'), key: 'k' },
    ]);
    let result = await stream.next();
    while (result.value?.data?.invoiceChanged.id === 'in_warm') result = await stream.next();
    expect(result.value?.data).toEqual({ invoiceChanged: { id: 'in_1' } });
    const cursor = result.value?.extensions?.['cursor'];
    await stream.return?.();
    const resumed = official().iterate({ query: ALL, extensions: { cursor } });
    expect((await resumed.next()).value).toMatchObject({
      data: { invoiceChanged: { id: 'in_2' } },
      extensions: { cursor: expect.any(String) },
    });
    await resumed.return?.();
  });

  it('answers a forged cursor and a missing scope as errors', async () => {
    await expect(
      official()
        .iterate({ query: ALL, extensions: { cursor: 'x' } })
        .next(),
    ).rejects.toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
    await expect(official('bob').iterate({ query: ALL }).next()).rejects.toMatchObject([
      { extensions: { code: 'FORBIDDEN', missingScopes: ['billing:read'] } },
    ]);
  });

  it('is closed with 4401 without a valid token', async () => {
    await expect(official('forged').iterate({ query: '{ hello }' }).next()).rejects.toMatchObject({ code: 4401 });
  });
});

describe('graphql-transport-ws, against bad manners', () => {
  it('takes the token of the upgrade’s header too', async () => {
    const { send, wait } = await bare({ headers: { authorization: 'Bearer ada' } });
    send({ type: 'connection_init' });
    await wait('connection_ack');
    send(subscribe('1', '{ hello }'));
    expect((await wait('next')).payload).toEqual({ data: { hello: 'hello world' } });
  });

  it.each<[string, unknown[], number]>([
    ['no init in time', [], 4408],
    ['two inits', [INIT, INIT], 4429],
    ['an operation before the init', [subscribe('1', '{ hello }')], 4401],
    ['an operation after a refused init', [{ type: 'connection_init' }, subscribe('1', '{ hello }')], 4401],
    ['something that is no message', ['hello'], 4400],
    ['a subscribe without a query', [INIT, { id: '1', type: 'subscribe', payload: {} }], 4400],
    ['a message over the limit', [INIT, subscribe('1', ' '.repeat(30_000))], 1009],
  ])('closes on %s', async (_name, messages, code) => {
    const { send, closed } = await bare();
    for (const message of messages) send(message);
    expect(await closed).toBe(code);
  });

  it('closes on an id in use', async () => {
    const { send, closed } = await initialised();
    send(subscribe('1', ALL));
    send(subscribe('1', ALL));
    expect(await closed).toBe(4409);
  });

  it('closes on another subprotocol', async () => {
    const socket = new WebSocket(wsUrl(), 'graphql-ws');
    socket.on('error', () => {});
    expect(await new Promise((resolve) => socket.once('close', resolve))).not.toBe(1000);
  });

  it('runs so many operations on one socket and no more', async () => {
    const { send, wait } = await initialised();
    for (const id of ['1', '2', '3', '4']) send(subscribe(id, ALL));
    const error = await wait('error');
    expect(error).toMatchObject({ id: '4', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  });

  it.each(['https://evil.example', 'null'])('is not opened for pages of %s', async (origin) => {
    const socket = new WebSocket(wsUrl(), 'graphql-transport-ws', { origin });
    const status = await new Promise((resolve) =>
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(403);
    socket.on('error', () => {});
    socket.terminate();
  });

  it('is opened for pages of its own, and nowhere else', async () => {
    const { socket } = await bare({ origin: demo.url });
    socket.terminate();
    const elsewhere = new WebSocket(`${demo.url.replace('http', 'ws')}/other`, 'graphql-transport-ws');
    const status = await new Promise((resolve) =>
      elsewhere.once('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
    );
    elsewhere.on('error', () => {});
    elsewhere.terminate();
    expect(status).toBe(404);
  });

  it('stops its subscriptions when the client completes them or goes', async () => {
    const { send, wait, socket, messages } = await initialised();
    send(subscribe('1', ALL));
    send(subscribe('2', '{ hello }'));
    await wait('complete');
    send({ id: '1', type: 'complete' });
    send(subscribe('1', ALL));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await bus.publish('demo.invoice', [invoiceRecord('in_once')]);
    await until('the event comes', () => messages.filter(({ id, type }) => id === '1' && type === 'next').length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(messages.filter(({ id, type }) => id === '1' && type === 'next').length).toBe(1);
    socket.terminate();
  });

  it('cancels a query when the client completes it', async () => {
    const { send, messages } = await initialised();
    let isRunning = false;
    let isAborted = false;
    demo.graph.intercept(({ signal }) => {
      isRunning = true;
      signal.addEventListener('abort', () => (isAborted = true));
      return undefined;
    });
    send(subscribe('1', '{ slow(ms: 300) }'));
    await until('the query runs', () => isRunning);
    send({ id: '1', type: 'complete' });
    await until('the query is aborted', () => isAborted);
    demo.graph.intercept(() => undefined);
    send(subscribe('2', '{ hello }'));
    await until('the next one is answered', () => messages.some(({ id, type }) => id === '2' && type === 'complete'));
    expect(messages.filter(({ id }) => id === '1')).toEqual([]);
  });

  it('tells subscriptions that the token has ended, then closes with 4401', async () => {
    const people: Record<string, Identity> = {};
    const own = await startDemo({ bus, people });
    await own.engine.prepare({ query: ALL }, PEOPLE['ada'] ?? null);
    people['ada'] = identityOf('ada', 'acme', ['billing:read'], Date.now() + 1_500);
    const { send, wait, closed } = await initialised({}, own);
    send(subscribe('1', ALL));
    expect(await wait('error')).toMatchObject({ id: '1', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(await closed).toBe(4401);
    await own.close();
  });
});
