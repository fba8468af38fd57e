import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOwnCertificateFetch } from '../../lib/own-certificate-fetch.ts';
import { createWebServer } from '../../lib/web-server.ts';
import { openTestCertificate, type TestCertificate } from '../support/test-certificate.ts';
import { until } from '../support/until.ts';

let own: TestCertificate;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  const elsewhere = await openTestCertificate();
  const issued = await elsewhere.authority.issue({ name: 'crm.example' });
  own = await openTestCertificate({ authority: elsewhere.authority, issued });
  closers.push(elsewhere.close, own.close);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(with_: TestCertificate): Promise<string> {
  const server = createWebServer({}, with_.certificate);
  server.on('request', (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  return `https://localhost:${(server.address() as AddressInfo).port}/`;
}

function createFetch(): typeof fetch {
  const { fetch: ask, close } = createOwnCertificateFetch(own.certificate);
  closers.push(close);
  return ask;
}

describe('a fetch to oneself', () => {
  it('trusts the own certificate, under any name, though nobody knows its authority', async () => {
    const [url, ask] = [await serve(own), createFetch()];
    expect(await (await ask(url, { method: 'POST', body: 'x' })).text()).toBe('hello');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('trusts no other certificate of the same authority, not even one for the right name', async () => {
    const other = await openTestCertificate({ authority: own.authority, issued: await own.authority.issue() });
    closers.push(other.close);
    const [url, ask] = [await serve(other), createFetch()];
    await expect(ask(url)).rejects.toThrow(expect.objectContaining({ cause: expect.anything() }));
  });

  it('trusts the next after a renewal', async () => {
    const [url, ask] = [await serve(own), createFetch()];
    await (await ask(url)).text();
    await own.replace(await own.authority.issue());
    await until('it is in use', () => own.log.some(({ level }) => level === 'info'));
    expect(await (await ask(url)).text()).toBe('hello');
  });
});
