import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openTestBus } from '../../support/test-bus.ts';
import { until } from '../../support/until.ts';
import { DEMO_TOPICS, PEOPLE, startDemo } from './demo-gateway.ts';

const slow = (ms: number) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer ada' },
  body: JSON.stringify({ query: `{ slow(ms: ${ms}) }` }),
});

describe('a stopping gateway', () => {
  it('lets a running operation finish and refuses new connections', async () => {
    const demo = await startDemo({ people: PEOPLE });
    await (await fetch(demo.graphql, slow(1))).json();
    const running = fetch(demo.graphql, slow(400));
    await wait(100);
    const closed = demo.close(5_000);
    await wait(20);
    const response = await running;
    expect([response.headers.get('connection'), await response.json()]).toEqual(['close', { data: { slow: 'done' } }]);
    await closed;
    await expect(fetch(demo.graphql, slow(1))).rejects.toThrow();
  });

  it('says on kept connections that it is not ready, before they go', async () => {
    const demo = await startDemo({ tuning: { lameDuckMs: 300 } });
    const dispatcher = new Agent({ connections: 1, keepAliveTimeout: 10_000 });
    const ready = async () => {
      const { statusCode, headers, body } = await request(`${demo.url}/health/ready`, { dispatcher });
      await body.dump();
      return [statusCode, headers['connection']];
    };
    expect(await ready()).toEqual([200, 'keep-alive']);
    const closed = demo.close();
    expect(await ready()).toEqual([503, 'close']);
    await closed;
    await dispatcher.close();
  });

  it('answers every request it took, under load', async () => {
    const demo = await startDemo({ tuning: { lameDuckMs: 250 } });
    let taken = 0;
    demo.graph.intercept(() => {
      taken += 1;
      return undefined;
    });
    const answers: string[] = [];
    const client = async () => {
      // Ends when no connection is taken any more: refused, or reset in the kernel's queue.
      for (;;) answers.push(await (await fetch(demo.graphql, slow(5))).text());
    };
    const clients = Array.from({ length: 20 }, () => client().catch(() => undefined));
    await until('the load is on', () => taken > 100);
    await demo.close(5_000);
    await Promise.all(clients);
    expect(answers.length).toBe(taken);
    expect([...new Set(answers)]).toEqual(['{"data":{"slow":"done"}}']);
  });

  it('does not wait longer than its grace', async () => {
    const demo = await startDemo();
    await (await fetch(demo.graphql, slow(1))).json();
    const cut = fetch(demo.graphql, slow(3_000)).then(
      () => 'answered',
      () => 'cut',
    );
    await wait(100);
    const began = performance.now();
    await demo.close(200);
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(await cut).toBe('cut');
  });

  it('completes event streams and closes sockets with 1001', async () => {
    const bus = await openTestBus(DEMO_TOPICS);
    const demo = await startDemo({ bus, people: PEOPLE });
    const stream = await fetch(demo.graphql, {
      method: 'POST',
      headers: { ...slow(0).headers, accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { invoiceChanged { id } }' }),
    });
    const socket = new WebSocket(demo.graphql.replace('http', 'ws'), 'graphql-transport-ws');
    const code = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    const [text] = await Promise.all([stream.text(), demo.close()]);
    expect(text.endsWith('event: complete\ndata:\n\n')).toBe(true);
    expect(await code).toBe(1001);
    await bus.close();
  });

  it('may be stopped twice, and before it listens', async () => {
    const demo = await startDemo();
    await Promise.all([demo.server.close(100), demo.server.close(100)]);
    await demo.close();
  });
});
