import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { openRabbitmqBus } from '../../events/rabbitmq.ts';
import { createAuthority } from '../support/certificates.ts';

const DAY_MS = 24 * 3_600_000;

it('does not speak with a broker whose certificate is expired', async () => {
  const authority = await createAuthority();
  const expired = await authority.issue({ from: Date.now() - 3 * DAY_MS, to: Date.now() - 2 * DAY_MS });
  const server = createServer(expired).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const url = `amqps://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(openRabbitmqBus({ url, tls: { ca: authority.cert } })).rejects.toMatchObject({ code: 'BUS_UNTRUSTED' });
  server.close();
});
