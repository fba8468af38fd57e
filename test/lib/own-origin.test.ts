import { expect, it } from 'vitest';
import { ownOrigin } from '../../lib/own-origin.ts';

it.each([
  [{ HOST: '127.0.0.1', PORT: 4_000 }, 'http://127.0.0.1:4000'],
  [{ HOST: '::1', PORT: 4_000 }, 'http://[::1]:4000'],
  [{ HOST: 'crm.example', PORT: 80 }, 'http://crm.example'],
  [{ HOST: 'crm.example', PORT: 443 }, 'http://crm.example:443'],
  [{ HOST: 'crm.example', PORT: 443, TLS_CERT: 'cert.pem' }, 'https://crm.example'],
  [{ HOST: '127.0.0.1', PORT: 80, TLS_CERT: 'cert.pem' }, 'https://127.0.0.1:80'],
])('%j answers at %s', (address, origin) => {
  expect(ownOrigin(address)).toBe(origin);
});
