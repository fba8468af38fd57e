import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSocket } from '../../../support/attack-transports.ts';
import { type Demo, startDemo } from '../demo-gateway.ts';
import { createDeferring, PartSource } from './deferring-engine.ts';

const deferring = createDeferring([
  { id: '0', path: [], label: null },
  { id: '1', path: ['list', 2], label: 'Slow' },
]);
let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ engine: deferring.wrap });
  // So that no test waits for the planner's start.
  const headers = { 'content-type': 'application/json' };
  await fetch(demo.graphql, { method: 'POST', headers, body: '{"query":"{ hello }"}' });
});
afterAll(() => demo.close());
beforeEach(() => {
  deferring.source = new PartSource();
});

/** A socket on which one operation has been started, and what has come for it. */
async function start() {
  const { socket, messages } = await openSocket(demo.graphql, 'Bearer ada');
  await expect.poll(() => messages.length).toBe(1);
  socket.send(JSON.stringify({ id: 'q', type: 'subscribe', payload: { query: '{ hello }' } }));
  const told = () => messages.slice(1).map((text) => JSON.parse(text));
  await expect.poll(() => told().length).toBe(1);
  return { socket, told };
}

describe('parts over graphql-transport-ws', () => {
  it('are messages of the operation in the older form, as they come', async () => {
    const { socket, told } = await start();
    deferring.source.push({ id: '1', data: { late: 1 } });
    await expect.poll(() => told().length).toBe(2);
    deferring.source.push({ id: '0', data: { world: 'wide' } });
    deferring.source.end();
    await expect.poll(() => told().length).toBe(4);
    expect(told()).toEqual([
      { id: 'q', type: 'next', payload: { data: { hello: 'hello world' }, hasNext: true } },
      {
        id: 'q',
        type: 'next',
        payload: { incremental: [{ data: { late: 1 }, path: ['list', 2], label: 'Slow' }], hasNext: true },
      },
      { id: 'q', type: 'next', payload: { incremental: [{ data: { world: 'wide' }, path: [] }], hasNext: false } },
      { id: 'q', type: 'complete' },
    ]);
    socket.terminate();
  });

  it('end when the client completes the operation: it is cancelled, the source left', async () => {
    const { socket, told } = await start();
    const { source } = deferring;
    socket.send(JSON.stringify({ id: 'q', type: 'complete' }));
    await expect.poll(() => deferring.signals.at(-1)?.aborted).toBe(true);
    source.push({ id: '0', data: {} });
    await expect.poll(() => source.returned).toBe(true);
    expect(told()).toHaveLength(1);
    socket.terminate();
  });

  it('end with the socket', async () => {
    const { socket } = await start();
    socket.terminate();
    await expect.poll(() => deferring.signals.at(-1)?.aborted).toBe(true);
  });
});
