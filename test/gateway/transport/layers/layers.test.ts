import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../../../gateway/transport/http.ts';
import type { SubgraphTraffic } from '../../../../gateway/transport/traffic.ts';
import type { ExchangeFacts, SubgraphRequest } from '../../../../gateway/transport/transport.ts';
import type { Logger } from '../../../../lib/logger.ts';
import { HELLO, type RawAnswer, response, startRawServer } from '../raw-server.ts';
import { ADA, requestTo } from '../subgraph-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const OK = { data: { hello: 'you' } };
const DOWN = response('down', ['content-type: text/plain'], 503);

/** Two subgraphs: `crm`, which answers so, and `stripe`, which is well. */
async function start(answer: RawAnswer, all: SubgraphTraffic = {}, stripe: SubgraphTraffic = {}) {
  const [crm, other] = [await startRawServer(answer), await startRawServer((socket) => socket.write(HELLO))];
  const logged: unknown[] = [];
  const warn = (fields: object, text: string) => logged.push({ ...fields, text });
  const transport = createHttpTransport({
    subgraphs: { crm: { url: crm.url, trusted: true }, stripe: { url: other.url, trusted: false, ...stripe } },
    all,
    random: () => 0,
    sign: async ({ subject }, subgraph) => `${subject}@${subgraph}`,
    logger: { warn, debug() {} } as unknown as Logger,
  });
  closers.push(crm.close, other.close, () => transport.close());
  const ask = async (parts: Parameters<typeof requestTo>[0] = {}) => {
    const facts: ExchangeFacts[] = [];
    const request: SubgraphRequest = requestTo({ onExchange: (fact) => facts.push(fact), ...parts });
    const result = await transport.send(request).catch(({ code, extensions }) => extensions.verdict ?? code);
    expect(facts.length).toBe(1);
    const { attempts, verdicts, error, status } = facts[0] as ExchangeFacts;
    return { result, facts: { attempts, verdicts, error, status } };
  };
  return { ask, crm, other, logged };
}

describe('layers together', () => {
  it('try a query again that a proxy answers with 503', async () => {
    const { ask } = await start((socket, { index }) => socket.write(index === 1 ? DOWN : HELLO));
    expect(await ask()).toEqual({
      result: OK,
      facts: { attempts: 2, verdicts: ['retried:503'], error: null, status: 200 },
    });
  });

  it('try a query again whose try took too long', async () => {
    const answer: RawAnswer = (socket, { index }) => index > 1 && socket.write(HELLO);
    const { ask } = await start(answer, { tryTimeoutMs: 100 });
    expect(await ask()).toEqual({
      result: OK,
      facts: { attempts: 2, verdicts: ['try-timed-out', 'retried:late'], error: null, status: 200 },
    });
  });

  it('spare a subgraph that is down, and it alone; a call counts once, however often it was tried', async () => {
    const all = { breaker: { minCalls: 5, openMs: 60_000 }, retry: { attempts: 2 } };
    const { ask, crm, logged } = await start((socket) => socket.write(DOWN), all);
    for (let index = 0; index < 5; index += 1)
      expect((await ask()).facts).toMatchObject({ attempts: 2, error: 'SUBGRAPH_UNAVAILABLE', status: 503 });
    expect(crm.requests.length).toBe(10);
    expect(await ask()).toEqual({
      result: 'breaker-open',
      facts: { attempts: 0, verdicts: ['breaker-open'], error: 'SUBGRAPH_UNAVAILABLE', status: null },
    });
    expect(crm.requests.length).toBe(10);
    expect((await ask({ subgraph: 'stripe' })).result).toEqual(OK);
    expect(logged).toContainEqual({ subgraph: 'crm', state: 'open', text: 'circuit breaker' });
  });

  it('refuse what finds no room, without the subgraph being asked', async () => {
    const all = { concurrency: { limit: 1, queue: 1 } };
    const { ask, crm } = await start((socket) => setTimeout(() => socket.write(HELLO), 30), all);
    const facts = (await Promise.all([ask(), ask(), ask()])).map((asked) => asked.facts);
    expect(facts.map(({ verdicts }) => verdicts)).toEqual([[], ['queued'], ['queue-full']]);
    expect(crm.requests.length).toBe(2);
  });

  it('share an exchange between equal calls of one caller alone, where that is wanted', async () => {
    const { ask, crm } = await start((socket) => setTimeout(() => socket.write(HELLO), 30), {
      dedupe: true,
      headers: { forward: ['accept-language', 'traceparent'] },
    });
    const asked = await Promise.all([
      ask({ requestId: 'a', clientHeaders: { traceparent: '00-a' } }),
      ask({ requestId: 'b', clientHeaders: { traceparent: '00-b' } }),
      ask({ clientHeaders: { 'accept-language': 'de' } }),
      ask({ identity: { ...ADA, scopes: ['sales:read'] } }),
    ]);
    expect(asked.map(({ facts }) => facts.attempts)).toEqual([1, 0, 1, 1]);
    for (const { result } of asked) expect(result).toEqual(OK);
    expect(crm.requests.length).toBe(3);
    expect(asked[0]?.result).not.toBe(asked[1]?.result);
  });

  it('ask each on its own by default', async () => {
    const { ask, crm } = await start((socket) => socket.write(HELLO));
    await Promise.all([ask(), ask(), ask()]);
    expect(crm.requests.length).toBe(3);
  });

  it('pass each subgraph the headers it may have', async () => {
    const all = { headers: { forward: ['accept-language', 'x-tributary-*'], set: { 'x-env': 'test' } } };
    const stripe = { headers: { rename: { authorization: 'x-client-token' } } };
    const { ask, crm, other } = await start((socket) => socket.write(HELLO), all, stripe);
    const parts = {
      clientHeaders: {
        'accept-language': 'de',
        authorization: 'Bearer a',
        'x-tributary-identity': 'forged',
        host: 'evil',
      },
      headers: { traceparent: '00-1', 'x-tributary-identity': 'forged', 'content-length': '3' },
    };
    await ask(parts);
    await ask({ ...parts, subgraph: 'stripe' });
    const own = ({ head }: { head: string }) =>
      head.split('\r\n').filter((line) => /^(accept-l|x-[^r]|trace|auth|host: evil)/.test(line));
    expect(crm.requests.map(own)).toEqual([
      ['x-env: test', 'accept-language: de', 'x-tributary-identity: ada@crm', 'traceparent: 00-1'],
    ]);
    expect(other.requests.map(own)).toEqual([
      ['x-env: test', 'accept-language: de', 'x-client-token: Bearer a', 'traceparent: 00-1'],
    ]);
  });

  it('let a call end with its client, whatever it was waiting for', async () => {
    const all = { concurrency: { limit: 2, queue: 5 }, connections: 1, retry: { firstPauseMs: 2_000 } };
    const { ask, crm } = await start(() => {}, all);
    const clients = Array.from({ length: 4 }, () => new AbortController());
    const asked = clients.map(({ signal }) => ask({ signal }));
    await expect.poll(() => crm.requests.length).toBe(1);
    for (const client of clients) client.abort();
    for (const { result } of await Promise.all(asked)) expect(result).toBe('SUBGRAPH_UNAVAILABLE');
    await expect.poll(() => crm.sockets.size).toBe(0);
    expect(crm.requests.length).toBe(1);
  });
});
