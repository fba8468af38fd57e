import { describe, expect, it } from 'vitest';
import { createLocalTransport } from '../../../gateway/transport/local.ts';
import type { LocalSubgraph } from '../../../gateway/transport/transport.ts';
import { AppError } from '../../../lib/errors.ts';
import { requestTo } from './subgraph-server.ts';

const crm = (execute: LocalSubgraph['execute']) => createLocalTransport([{ name: 'crm', execute }]);

describe('the local transport', () => {
  it('hands the request over and the response back as they are', async () => {
    const response = { data: { hello: 'you' } };
    const request = requestTo();
    let seen: unknown;
    const transport = crm(async (given) => {
      seen = given;
      return response;
    });
    expect(await transport.send(request)).toBe(response);
    expect(seen).toBe(request);
  });

  it('answers for a subgraph it does not know', async () => {
    await expect(createLocalTransport([]).send(requestTo())).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      extensions: { service: 'crm' },
    });
  });

  it('masks what a subgraph throws and keeps it as the cause', async () => {
    const cause = new Error('db password');
    const sent = crm(() => Promise.reject(cause)).send(requestTo());
    await expect(sent).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', cause });
    await expect(sent).rejects.not.toThrow(/password/);
  });

  it('lets a coded error through', async () => {
    const error = new AppError('SUBGRAPH_TIMEOUT', 'late');
    await expect(crm(() => Promise.reject(error)).send(requestTo())).rejects.toBe(error);
  });

  it('runs many fetches of one operation side by side without a warning of a leak', async () => {
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const transport = crm(() => new Promise((resolve) => setImmediate(() => resolve({ data: {} }))));
    await Promise.all(Array.from({ length: 40 }, () => transport.send(requestTo({ signal }))));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('stops waiting when the client goes away, and does not begin for one that has', async () => {
    const controller = new AbortController();
    let calls = 0;
    const transport = crm(() => {
      calls += 1;
      return new Promise(() => {});
    });
    const sent = transport.send(requestTo({ signal: controller.signal }));
    controller.abort();
    await expect(sent).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    await expect(transport.send(requestTo({ signal: controller.signal }))).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
    });
    expect(calls).toBe(1);
  });

  it('stops waiting when the time is up, where it has a limit', async () => {
    const never = () => new Promise<never>(() => {});
    const transport = createLocalTransport([{ name: 'crm', execute: never }], { timeoutMs: 20 });
    await expect(transport.send(requestTo())).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
  });
});
