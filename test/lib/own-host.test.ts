import { expect, it } from 'vitest';
import { isOwnHost } from '../../lib/own-host.ts';

it.each([
  ['127.0.0.1:4000', '127.0.0.1', true],
  ['localhost:4000', '127.0.0.1', true],
  ['[::1]:4000', '127.0.0.1', true],
  ['LOCALHOST', '127.0.0.1', true],
  ['tributary.test:4000', 'tributary.test', true],
  ['[fd00::1]:4000', 'fd00::1', true],
  ['evil.example:4000', '127.0.0.1', false],
  ['127.0.0.1@evil.example', '127.0.0.1', false],
  ['localhost.evil.example', '127.0.0.1', false],
  ['127.0.0.1.evil.example', '127.0.0.1', false],
  ['', '127.0.0.1', false],
  [undefined, '127.0.0.1', false],
  ['::', '127.0.0.1', false],
])('the Host header %j of a server on %s is its own: %s', (authority, host, own) => {
  expect(isOwnHost(authority, host)).toBe(own);
});
