import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngressRoutes } from '../../app/ingress.ts';
import { AppError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { WebhookReceiver } from '../../subgraphs/kit/webhook.ts';

const receive: WebhookReceiver = async ({ connection, body }) => {
  if (connection === 'forged') throw new AppError('SIGNATURE_INVALID', 'The signature does not fit.');
  if (connection === 'broken') throw new Error('the disk is on fire');
  return { status: 200, body: { connection, bytes: body.byteLength } };
};
const [route] = createIngressRoutes(new Map([['stripe', receive]]), silentLogger);
const server = createServer((request, response) => void route?.handle(request, response));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function post(path: string, method = 'POST') {
  const { port } = server.address() as AddressInfo;
  const body = method === 'POST' ? 'raw' : null;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body });
  return { status: answer.status, allow: answer.headers.get('allow'), body: await answer.json() };
}

describe('/webhooks/<vendor>', () => {
  it.each([
    ['/webhooks/stripe', 'default'],
    ['/webhooks/stripe/globex', 'globex'],
  ])('gives the raw body sent to %s to the receiver, for the connection %s', async (path, connection) => {
    expect(await post(path)).toEqual({ status: 200, allow: null, body: { connection, bytes: 3 } });
  });

  it.each([
    ['POST', '/webhooks/stripe/a/b', 404, 'NOT_FOUND', null],
    ['POST', '/webhooks/stripe/', 404, 'NOT_FOUND', null],
    ['POST', '/webhooks/stripe/NO', 404, 'NOT_FOUND', null],
    ['GET', '/webhooks/stripe', 405, 'METHOD_NOT_ALLOWED', 'POST'],
    ['POST', '/webhooks/stripe/forged', 401, 'SIGNATURE_INVALID', null],
    ['POST', '/webhooks/stripe/broken', 503, 'INTERNAL', null],
  ])('answers %s %s with %i %s in the shape of every error', async (method, path, status, code, allow) => {
    const body = { errors: [{ message: expect.stringMatching(/^(?!.*fire)/), extensions: { code } }] };
    expect(await post(path, method)).toEqual({ status, allow, body });
  });
});
