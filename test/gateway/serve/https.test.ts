import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { createClient } from 'graphql-ws';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { createGateway } from '../../../gateway/index.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { openTestCertificate, type TestCertificate } from '../../support/test-certificate.ts';
import { until } from '../../support/until.ts';
import { createDemoGraph, DEMO_TOPICS, type Demo, invoiceRecord, PEOPLE, startDemo } from './demo-gateway.ts';

const JSON_HEADERS = { 'content-type': 'application/json', authorization: 'Bearer ada' };

let own: TestCertificate;
let bus: EmbeddedBus;
let demo: Demo;
let dispatcher: Agent;
beforeAll(async () => {
  own = await openTestCertificate();
  bus = await openTestBus(DEMO_TOPICS);
  demo = await startDemo({ bus, people: PEOPLE, tls: { certificate: own.certificate } });
  dispatcher = new Agent({ connect: { ca: own.authority.cert } });
});
afterAll(async () => {
  await dispatcher.destroy();
  await demo.close();
  await bus.close();
  await own.close();
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function post(query: string, { at = demo, accept = 'application/json', agent = dispatcher } = {}) {
  const headers = { ...JSON_HEADERS, accept };
  return request(at.graphql, { method: 'POST', headers, body: JSON.stringify({ query }), dispatcher: agent });
}

describe('a gateway with a certificate', () => {
  it('answers operations over https and nowhere else', async () => {
    expect(demo.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { statusCode, body } = await post('{ hello }');
    expect([statusCode, Object.keys((await body.json()) as object)]).toEqual([200, ['data']]);
    await expect(fetch(demo.url.replace('https', 'http'))).rejects.toThrow();
  });

  it('names itself as it was told to: a certificate is for a name', async () => {
    const { supergraphSdl: supergraph, transport } = createDemoGraph();
    const gateway = await createGateway({ supergraph, transport, tls: { certificate: own.certificate } });
    closers.push(() => gateway.close());
    expect((await gateway.listen({ host: 'localhost', port: 0 })).url).toMatch(/^https:\/\/localhost:\d+$/);
  });

  it.each([
    ['an answer', '/health/live', 200],
    ['a failure', '/nowhere', 404],
    ['a refusal', '/graphql', 400],
  ])('sends Strict-Transport-Security with %s', async (_, path, status) => {
    const { statusCode, headers, body } = await request(`${demo.url}${path}`, { dispatcher, headers: JSON_HEADERS });
    await body.dump();
    expect([statusCode, headers['strict-transport-security']]).toEqual([status, 'max-age=31536000']);
  });

  it.each([
    ['subdomains', 'max-age=31536000; includeSubDomains'],
    ['off', undefined],
  ] as const)('sends what `hsts: %s` says', async (hsts, expected) => {
    const other = await startDemo({ tls: { certificate: own.certificate, hsts } });
    closers.push(() => other.close());
    const { headers, body } = await request(`${other.url}/health/live`, { dispatcher });
    await body.dump();
    expect(headers['strict-transport-security']).toBe(expected);
  });

  it('streams a subscription over SSE', async () => {
    const { statusCode, body } = await post('subscription { invoiceChanged { id } }', { accept: 'text/event-stream' });
    expect(statusCode).toBe(200);
    let text = '';
    body.on('data', (chunk) => (text += chunk)).on('error', () => undefined);
    await until('the stream is open', () => text.length > 0);
    await bus.publish('demo.invoice', [invoiceRecord('sse')]);
    await until('the event', () => text.includes('"sse"'));
    body.destroy();
  });

  it('streams a subscription over wss, and answers an origin of its own', async () => {
    class TrustingSocket extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { ca: own.authority.cert, origin: demo.url });
      }
    }
    const client = createClient({
      url: demo.graphql.replace('https', 'wss'),
      webSocketImpl: TrustingSocket,
      connectionParams: { authorization: 'Bearer ada' },
    });
    closers.push(() => client.dispose());
    const events = client.iterate({ query: 'subscription { invoiceChanged { id } }' });
    const first = events.next();
    const publishing = setInterval(() => void bus.publish('demo.invoice', [invoiceRecord('wss')]), 50);
    closers.push(() => clearInterval(publishing));
    expect((await first).value).toMatchObject({ data: { invoiceChanged: { id: 'wss' } } });
  });

  it('answers what is no HTTP inside TLS with 400, and lives on', async () => {
    const socket = connect({ port: Number(new URL(demo.url).port), host: '127.0.0.1', ca: own.authority.cert });
    await once(socket, 'secureConnect');
    socket.write('NOT HTTP\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 [\s\S]*BAD_REQUEST/);
    expect((await post('{ hello }')).statusCode).toBe(200);
  });
});

describe('a gateway over TLS that stops', () => {
  it('lets a running operation finish, and waits for no handshake', async () => {
    const other = await startDemo({ people: PEOPLE, tls: { certificate: own.certificate } });
    const agent = new Agent({ connect: { ca: own.authority.cert } });
    closers.push(() => agent.destroy());
    await (await post('{ hello }', { at: other, agent })).body.dump();
    const silent = connectPlain(Number(new URL(other.url).port), '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const running = post('{ slow(ms: 300) }', { at: other, agent });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const begin = performance.now();
    const closed = other.close(5_000);
    expect(await (await running).body.json()).toEqual({ data: { slow: 'done' } });
    await closed;
    expect(performance.now() - begin).toBeLessThan(4_000);
  });
});

describe('a renewal under load', () => {
  it('fails no request, on kept connections or on new ones', async () => {
    const mine = await openTestCertificate({ authority: own.authority });
    const other = await startDemo({ people: PEOPLE, tls: { certificate: mine.certificate } });
    const kept = new Agent({ connections: 4, connect: { ca: own.authority.cert } });
    closers.push(
      mine.close,
      () => other.close(),
      () => kept.destroy(),
    );
    let running = true;
    const statuses: number[] = [];
    const lane = async (agentOf: () => Agent) => {
      while (running) {
        const agent = agentOf();
        const { statusCode, body } = await post('{ hello }', { at: other, agent });
        await body.dump();
        statuses.push(statusCode);
        if (agent !== kept) await agent.destroy();
      }
    };
    const fresh = () => new Agent({ connect: { ca: own.authority.cert } });
    const lanes = [lane(() => kept), lane(() => kept), lane(fresh), lane(fresh)];
    for (let round = 1; round <= 3; round += 1) {
      await mine.replace(await own.authority.issue());
      await until('it is in use', () => mine.log.filter(({ level }) => level === 'info').length === round);
      const before = statuses.length;
      await until('requests went on', () => statuses.length >= before + 8);
    }
    running = false;
    await Promise.all(lanes);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  });
});
