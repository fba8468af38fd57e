import { describe, expect, it } from 'vitest';
import { attributesOf, type Collector, type OtlpSpan, startCollector } from './collector.ts';
import { startHttpGraph } from './http-graph.ts';

const HOME = { query: 'query Home { account { name balance } }' };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

function spanNamed(spans: readonly OtlpSpan[], name: string): OtlpSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found).toHaveLength(1);
  return found[0] as OtlpSpan;
}

type Nowhere = Pick<Collector, 'endpoint' | typeof Symbol.asyncDispose>;

/** One query of a graph whose gateway then closes, so that everything has been sent. */
async function traceOf(headers: Record<string, string> = {}, sampleRatio = 1) {
  await using collector = await startCollector();
  let answered: Awaited<ReturnType<Awaited<ReturnType<typeof startHttpGraph>>['ask']>>;
  let received: Awaited<ReturnType<typeof startHttpGraph>>['received'];
  {
    const otlp = { endpoint: collector.endpoint, headers: { 'x-key': 'k' }, sampleRatio };
    await using graph = await startHttpGraph({ insight: { otlp } });
    answered = await graph.ask(HOME, headers);
    received = graph.received;
  }
  return { answered, received, spans: collector.spans, metrics: collector.metrics, requests: collector.requests };
}

describe('one query over two subgraphs', () => {
  it('is one connected trace, which the subgraphs go on with', async () => {
    const { answered, received, spans, requests } = await traceOf({
      traceparent: `00-${TRACE}-${PARENT}-01`,
      tracestate: 'a=b',
    });
    expect(answered.body).toEqual({ data: { account: { name: 'Acme', balance: 7 } } });
    expect(spans.map(({ name }) => name).sort()).toEqual(['fetch billing', 'fetch crm', 'plan', 'query Home']);
    const operation = spanNamed(spans, 'query Home');
    expect([operation.parentSpanId, operation.kind]).toEqual([PARENT, 2]);
    for (const span of spans) expect(span.traceId).toBe(TRACE);
    for (const name of ['plan', 'fetch crm', 'fetch billing'])
      expect(spanNamed(spans, name).parentSpanId).toBe(operation.spanId);
    for (const subgraph of ['crm', 'billing'] as const) {
      const { spanId, kind } = spanNamed(spans, `fetch ${subgraph}`);
      expect(kind).toBe(3);
      expect(received[subgraph].map(({ headers }) => [headers.traceparent, headers.tracestate])).toEqual([
        [`00-${TRACE}-${spanId}-01`, 'a=b'],
      ]);
    }
    expect(requests.map(({ url, headers }) => [url, headers['x-key']])).toContainEqual(['/v1/traces', 'k']);
  });

  it('says of each part what it was, and nothing of what was asked for or by whom', async () => {
    const { spans } = await traceOf({ authorization: 'Bearer token-123' });
    expect(attributesOf(spanNamed(spans, 'query Home'))).toMatchObject({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Home',
      'tributary.outcome': 'ok',
    });
    expect(attributesOf(spanNamed(spans, 'plan'))).toMatchObject({ 'tributary.plan.result': 'miss' });
    expect(attributesOf(spanNamed(spans, 'fetch billing'))).toMatchObject({
      'tributary.subgraph': 'billing',
      'graphql.operation.type': 'query',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
    });
    const text = JSON.stringify(spans);
    for (const secret of ['token-123', 'balance', '127.0.0.1', 'representations']) expect(text).not.toContain(secret);
  });

  it('orders its spans in time', async () => {
    const { spans } = await traceOf();
    const [operation, plan, crm, billing] = ['query Home', 'plan', 'fetch crm', 'fetch billing'].map((name) => {
      const { startTimeUnixNano, endTimeUnixNano } = spanNamed(spans, name);
      return { start: BigInt(startTimeUnixNano), end: BigInt(endTimeUnixNano) };
    });
    const order = [
      operation?.start,
      plan?.start,
      plan?.end,
      crm?.start,
      crm?.end,
      billing?.start,
      billing?.end,
      operation?.end,
    ];
    expect(order).toEqual([...order].sort((a = 0n, b = 0n) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  it('begins a trace of its own where the client names none, or nonsense', async () => {
    const { spans } = await traceOf({ traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` });
    const operation = spanNamed(spans, 'query Home');
    expect([operation.parentSpanId, /^0+$/.test(operation.traceId)]).toEqual([undefined, false]);
  });

  it.each([
    ['the client says so', { traceparent: `00-${TRACE}-${PARENT}-00` }, 1],
    ['the ratio is nought', {}, 0],
  ])('is not sampled when %s, and the subgraphs are told', async (_, headers, ratio) => {
    const { spans, received, answered } = await traceOf(headers, ratio);
    expect([answered.status, spans]).toEqual([200, []]);
    expect(received.crm[0]?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('sends the metrics too', async () => {
    const { metrics } = await traceOf();
    const names = metrics.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['tributary.operations', 'tributary.fetch.duration', 'tributary.plans']),
    );
  });
});

describe('a collector', () => {
  it.each([
    ['that refuses', () => startCollector({ status: 500 })],
    [
      'that is not there',
      async (): Promise<Nowhere> => ({ endpoint: 'http://127.0.0.1:9', [Symbol.asyncDispose]: async () => undefined }),
    ],
  ])('%s costs no request', async (_, start) => {
    await using collector = await start();
    await using graph = await startHttpGraph({ insight: { otlp: { endpoint: collector.endpoint } } });
    for (let round = 0; round < 3; round += 1) expect((await graph.ask(HOME)).status).toBe(200);
  });
});
