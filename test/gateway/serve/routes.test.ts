import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo-gateway.ts';
import { outcomeOf } from './read-answer.ts';

const named = (prefix: string) => ({
  prefix,
  handle: (request: IncomingMessage, response: ServerResponse) => {
    response.end(`${prefix} ${request.url} ${request.headers['x-request-id']}`);
  },
});

let demo: Demo;
let isReady: () => boolean | Promise<boolean> = () => true;
beforeAll(async () => {
  const broken = {
    prefix: '/broken',
    handle: () => Promise.reject(new Error('db password')),
  };
  demo = await startDemo({
    routes: [named('/webhooks'), named('/webhooks/stripe'), named('/'), broken],
    ready: () => isReady(),
  });
});
afterAll(() => demo.close());

const text = async (path: string) => (await fetch(demo.url + path, { headers: { 'x-request-id': 'r1' } })).text();

describe('a mounted route', () => {
  it.each([
    ['/webhooks', '/webhooks'],
    ['/webhooks/zendesk?x=1', '/webhooks'],
    ['/webhooks/stripe', '/webhooks/stripe'],
    ['/webhooks/stripe/acct', '/webhooks/stripe'],
    ['/webhooks/stripe-too', '/webhooks'],
    ['/webhooksx', '/'],
    ['/', '/'],
    ['/a/b', '/'],
  ])('%s goes to the longest prefix of whole segments: %s', async (path, prefix) => {
    expect(await text(path)).toBe(`${prefix} ${path} r1`);
  });

  it('does not hide GraphQL or health', async () => {
    expect(await outcomeOf(await fetch(demo.graphql, { method: 'PUT' }))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(await text('/health/live')).toBe('{"status":"live"}');
  });

  it('is answered for when it fails', async () => {
    expect(await outcomeOf(await fetch(`${demo.url}/broken`))).toEqual([500, 'INTERNAL']);
  });
});

describe('health', () => {
  it.each<[string, () => boolean | Promise<boolean>, number]>([
    ['ready', () => true, 200],
    ['not ready', () => false, 503],
    ['not ready when it cannot be told', () => Promise.reject(new Error('down')), 503],
  ])('is %s', async (_name, ready, status) => {
    isReady = ready;
    const response = await fetch(`${demo.url}/health/ready`);
    expect([response.status, await response.json()]).toEqual([
      status,
      { status: status === 200 ? 'ready' : 'not ready' },
    ]);
    expect((await fetch(`${demo.url}/health/live`)).status).toBe(200);
  });

  it('answers GET and HEAD only', async () => {
    expect((await fetch(`${demo.url}/health/live`, { method: 'HEAD' })).status).toBe(200);
    expect(await outcomeOf(await fetch(`${demo.url}/health/live`, { method: 'POST' }))).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
    ]);
  });
});

describe('what is no request at all', () => {
  function raw(bytes: string): Promise<string> {
    const { hostname, port } = new URL(demo.url);
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.on('data', (chunk) => (answer += chunk));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  }

  it.each([
    ['not HTTP', 'HELLO\r\n\r\n', '400'],
    ['headers too large', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, '431'],
  ])('is answered in JSON: %s', async (_name, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).errors[0].extensions.code).toBe('BAD_REQUEST');
  });
});
