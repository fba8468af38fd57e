import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribe } from '../../../app/demo/graph-client.ts';

let stream: ServerResponse | null = null;
const server = createServer((request, response) => {
  request.resume();
  stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
  stream.write('id: start\n\n');
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.closeAllConnections());

const open = () =>
  subscribe({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 't',
    query: 'subscription { a }',
  });

describe('a subscription of the demo', () => {
  it('outlives the garbage collector although nobody has read from it', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const subscription = await open();
    for (let round = 0; round < 5; round += 1) {
      collect();
      await wait(10);
    }
    stream?.write('id: 1\nevent: next\ndata: {"data":{"a":1}}\n\n');
    expect(await subscription.next()).toEqual({ event: 'next', id: '1', data: { data: { a: 1 } } });
    expect(subscription.cursor()).toBe('1');
    subscription.close();
  });

  it('ends with its stream', async () => {
    const subscription = await open();
    stream?.end('event: complete\ndata:\n\n');
    expect(await subscription.next()).toEqual({ event: 'complete', id: null, data: null });
    expect(await subscription.next()).toBeUndefined();
  });
});
