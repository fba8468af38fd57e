import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../../gateway/transport/http.ts';
import { createLocalTransport } from '../../../gateway/transport/local.ts';
import type { ExchangeFacts } from '../../../gateway/transport/transport.ts';
import { type Answer, json, requestTo, startSubgraph } from './subgraph-server.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(answer: Answer) {
  const subgraph = await startSubgraph(answer);
  const transport = createHttpTransport({
    subgraphs: { crm: { url: subgraph.url, trusted: false, timeoutMs: 2_000 } },
  });
  closers.push(subgraph.close, () => transport.close());
  return { subgraph, transport };
}

describe('an exchange over HTTP', () => {
  it('is told of once, with bytes, status and tries', async () => {
    const { transport } = await start(json({ data: { hello: 'é' } }));
    const facts: ExchangeFacts[] = [];
    await transport.send(requestTo({ onExchange: (fact) => facts.push(fact) }));
    expect(facts).toEqual([
      {
        subgraph: 'crm',
        kind: 'query',
        ms: expect.any(Number),
        sentBytes: Buffer.byteLength('{"query":"{ hello }","variables":{}}'),
        receivedBytes: Buffer.byteLength('{"data":{"hello":"é"}}'),
        status: 200,
        attempts: 1,
        verdicts: [],
        error: null,
      },
    ]);
  });

  it('is told of as failed when what came is no result, by objects alone', async () => {
    const { transport } = await start(json({ hello: 1 }, 418));
    const facts: ExchangeFacts[] = [];
    const request = requestTo({ onExchange: (fact) => facts.push(fact) });
    await expect(transport.send(request)).rejects.toMatchObject({ code: 'SUBGRAPH_INVALID_RESPONSE' });
    expect(await transport.sendRaw(request)).toEqual({ status: 418, bytes: Buffer.from('{"hello":1}') });
    expect(facts.map(({ error, status }) => [error, status])).toEqual([
      ['SUBGRAPH_INVALID_RESPONSE', 418],
      [null, 418],
    ]);
  });

  it('sends variables as they were written', async () => {
    const { subgraph, transport } = await start(json({ data: {} }));
    await transport.send(requestTo({ variablesJson: '{"a":[1, "é"]}', variables: { not: 'read' } }));
    expect(subgraph.received[0]?.body).toBe('{"query":"{ hello }","variables":{"a":[1, "é"]}}');
  });
});

describe('an exchange in this process', () => {
  it('is told of without bytes', async () => {
    const facts: ExchangeFacts[] = [];
    const transport = createLocalTransport([{ name: 'crm', execute: async () => ({ data: {} }) }]);
    await transport.send(requestTo({ onExchange: (fact) => facts.push(fact) }));
    expect(facts).toMatchObject([{ sentBytes: null, receivedBytes: null, status: null, attempts: 1, error: null }]);
  });
});
