import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBoundPort } from '../../../app/free-port.ts';
import { createGateway, type Gateway } from '../../../gateway/index.ts';
import { openTestCertificate, type TestCertificate } from '../../support/test-certificate.ts';
import { createDemoGraph } from './demo-gateway.ts';

let own: TestCertificate;
let gateway: Gateway;
let httpsPort: string;
let redirectPort: number;
const graph = createDemoGraph();

function create(port: number) {
  const tls = { certificate: own.certificate, redirectPort: port };
  return createGateway({ supergraph: graph.supergraphSdl, transport: graph.transport, tls });
}

beforeAll(async () => {
  const first = await openTestCertificate();
  const issued = await first.authority.issue({ name: 'crm.example' });
  await first.close();
  own = await openTestCertificate({ authority: first.authority, issued });
  redirectPort = await toBoundPort(0, '127.0.0.1');
  gateway = await create(redirectPort);
  httpsPort = new URL((await gateway.listen({ host: '127.0.0.1', port: 0 })).url).port;
});
afterAll(async () => {
  await gateway.close();
  await own.close();
});

/** Sends bytes as they are; the whole answer. */
async function send(...lines: string[]): Promise<{ status: number; location: string | undefined; text: string }> {
  const socket = connect(redirectPort, '127.0.0.1');
  socket.setEncoding('utf8').end(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
    location: /^location: (.*)\r$/im.exec(text)?.[1],
    text,
  };
}

describe('plain http beside https', () => {
  it.each([
    ['GET /graphql?query=%7Ba%7D HTTP/1.1', 'localhost', 'https://localhost:PORT/graphql?query=%7Ba%7D'],
    ['HEAD / HTTP/1.1', '127.0.0.1:8080', 'https://127.0.0.1:PORT/'],
    ['GET / HTTP/1.1', 'CRM.example:80', 'https://crm.example:PORT/'],
    ['GET //evil.example/x HTTP/1.1', 'crm.example', 'https://crm.example:PORT//evil.example/x'],
    ['GET /\\evil.example HTTP/1.1', 'localhost', 'https://localhost:PORT/\\evil.example'],
    ['GET / HTTP/1.1', 'evil.example@localhost', 'https://localhost:PORT/'],
  ])('sends %s of %s to %s with 308', async (line, host, location) => {
    expect(await send(line, `Host: ${host}`, 'Connection: close')).toMatchObject({
      status: 308,
      location: location.replace('PORT', httpsPort),
    });
  });

  it.each([
    ['evil.example'],
    ['localhost@evil.example'],
    ['crm.example.evil.example'],
    ['sub.crm.example'],
    ['127.0.0.1.evil.example'],
  ])('sends nobody to %s', async (host) => {
    const { status, location, text } = await send('GET / HTTP/1.1', `Host: ${host}`);
    expect([status, location]).toEqual([403, undefined]);
    expect(text).toContain('"code":"FORBIDDEN"');
  });

  it.each([
    ['a token', ['GET /graphql HTTP/1.1', 'Host: localhost', 'Authorization: Bearer x']],
    ['a mutation', ['POST /graphql HTTP/1.1', 'Host: localhost', 'Content-Length: 0']],
    ['a webhook', ['POST /webhooks/stripe HTTP/1.1', 'Host: localhost', 'Content-Length: 2', '', '{}']],
    ['another method', ['DELETE / HTTP/1.1', 'Host: localhost']],
    [
      'a WebSocket',
      [
        'GET /graphql HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
      ],
    ],
  ])('refuses %s instead of hiding by a redirect that it came readable', async (_, lines) => {
    const { status, location, text } = await send(...lines);
    expect([status, location]).toEqual([403, undefined]);
    expect(text).toContain('"code":"HTTPS_REQUIRED"');
    expect(text).not.toMatch(/strict-transport-security/i);
  });

  it.each([
    ['two hosts', ['GET / HTTP/1.1', 'Host: localhost', 'Host: evil.example']],
    ['no host', ['GET / HTTP/1.1']],
    ['a host that is none', ['GET / HTTP/1.1', 'Host: a b']],
    ['no host, in HTTP/1.0', ['GET / HTTP/1.0']],
    ['the URL of a proxy', ['GET http://evil.example/ HTTP/1.1', 'Host: localhost']],
    ['no HTTP', ['\x16\x03\x01\x02']],
  ])('refuses %s with 400', async (_, lines) => {
    expect(await send(...lines)).toMatchObject({ status: 400, location: undefined });
  });

  it('ends with the gateway', async () => {
    const port = await toBoundPort(0, '127.0.0.1');
    const other = await create(port);
    await other.listen({ host: '127.0.0.1', port: 0 });
    await other.close();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect((server.address() as AddressInfo).port).toBe(port);
    server.close();
  });

  it('names its port when that is in use', async () => {
    const other = await create(redirectPort);
    await expect(other.listen({ host: '127.0.0.1', port: 0 })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      extensions: { port: redirectPort },
    });
    await other.close();
  });
});
