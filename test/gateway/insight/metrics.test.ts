import { describe, expect, it } from 'vitest';
import { createOperationNames } from '../../../gateway/insight/metrics/operation-names.ts';
import { createRegistry, DURATION_BUCKETS } from '../../../gateway/insight/metrics/registry.ts';
import { authenticateByScopes, startHttpGraph } from './http-graph.ts';

const PROMETHEUS = { prometheus: { path: '/metrics' } } as const;

/** Lines of a metrics page that are values. */
async function scrape(url: string): Promise<string[]> {
  const response = await fetch(`${url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('/metrics', () => {
  it('counts operations by how they ended', async () => {
    await using graph = await startHttpGraph({ insight: PROMETHEUS });
    await graph.ask({ query: 'query Home { account { name balance } }' });
    await graph.ask({ query: 'query Home { account { name balance } }' });
    await graph.ask({ query: 'mutation { rename(name: "B") { name } }' });
    await graph.ask({ query: '{ broken }' });
    await graph.ask({ query: '{ account { name } broken: nothing }' });
    const lines = await scrape(graph.url);
    expect(lines.filter((line) => line.startsWith('tributary_operations_total'))).toEqual([
      'tributary_operations_total{type="query",name="Home",outcome="ok",code="none"} 2',
      'tributary_operations_total{type="mutation",name="unnamed",outcome="ok",code="none"} 1',
      'tributary_operations_total{type="query",name="unnamed",outcome="error",code="INTERNAL"} 1',
      'tributary_operations_total{type="unknown",name="unknown",outcome="refused",code="GRAPHQL_VALIDATION_FAILED"} 1',
    ]);
  });

  it('counts fetches by subgraph, plans by how they were had, and times both', async () => {
    await using graph = await startHttpGraph({ insight: PROMETHEUS });
    await graph.ask({ query: '{ account { name balance } }' });
    await graph.ask({ query: '{ account { name balance } }' });
    const lines = await scrape(graph.url);
    expect(lines).toEqual(
      expect.arrayContaining([
        'tributary_fetches_total{subgraph="crm",type="query",code="ok"} 2',
        'tributary_fetches_total{subgraph="billing",type="query",code="ok"} 2',
        'tributary_fetch_duration_count{subgraph="billing"} 2',
        'tributary_plans_total{result="miss"} 1',
        'tributary_plans_total{result="hit"} 1',
        'tributary_plan_duration_count 1',
        'tributary_operations_running 0',
        'tributary_subscriptions_running 0',
        'tributary_schema_generation 1',
        'tributary_schema_failures 0',
        'tributary_breaker_open{subgraph="billing"} 0',
        'tributary_executions_total{path="fast",reason="none"} 2',
      ]),
    );
  });

  it('counts a subgraph that is down by its code', async () => {
    await using graph = await startHttpGraph({
      insight: PROMETHEUS,
      transport: {
        send: async () => {
          throw new Error('no transport of ours');
        },
        close: async () => undefined,
      },
    });
    await graph.ask({ query: '{ account { name } }' });
    expect(await scrape(graph.url)).toContain(
      'tributary_operations_total{type="query",name="unnamed",outcome="partial",code="INTERNAL"} 1',
    );
  });

  it('names neither tenants nor tokens nor whatever a client makes up', async () => {
    await using graph = await startHttpGraph({
      authenticate: authenticateByScopes,
      insight: { ...PROMETHEUS, operationNames: ['Known'] },
    });
    const headers = { authorization: 'Bearer secret-scope', 'x-request-id': 'made-up-id' };
    await graph.ask({ query: 'query Known { account { id } }' }, headers);
    await graph.ask({ query: 'query MadeUp($v: Boolean = true) { account { id @include(if: $v) } }' }, headers);
    const page = (await scrape(graph.url)).join('\n');
    for (const secret of ['acme', 'secret-scope', 'ada', 'made-up-id', 'MadeUp', '127.0.0.1'])
      expect(page).not.toContain(secret);
    expect(page).toContain('name="Known"');
    expect(page).toContain('name="other"');
  });

  it('is not served unless told', async () => {
    await using graph = await startHttpGraph();
    expect((await fetch(`${graph.url}/metrics`)).status).toBe(404);
  });

  it('is served on a port of its own, and then not on the public one', async () => {
    const { toBoundPort } = await import('../../../app/free-port.ts');
    const port = await toBoundPort(0, '127.0.0.1');
    await using graph = await startHttpGraph({ insight: { prometheus: { port } } });
    expect((await fetch(`${graph.url}/metrics`)).status).toBe(404);
    expect(await scrape(`http://127.0.0.1:${port}`)).toContain('tributary_schema_generation 1');
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`http://127.0.0.1:${port}/graphql`)).status).toBe(404);
  });
});

describe('a registry', () => {
  it('puts durations into buckets', () => {
    const registry = createRegistry();
    for (const seconds of [0.0005, 0.001, 0.3, 60]) registry.record('tributary.plan.duration', [], seconds);
    const [{ series }] = registry.read() as [ReturnType<typeof registry.read>[number]];
    const value = series[0]?.value as { count: number; buckets: number[] };
    expect([value.count, value.buckets[0], value.buckets[DURATION_BUCKETS.indexOf(0.5)], value.buckets.at(-1)]).toEqual(
      [4, 2, 1, 1],
    );
  });

  it('holds a bounded number of series, whatever comes', () => {
    const registry = createRegistry();
    for (let index = 0; index < 5_000; index += 1) registry.add('tributary.fetch.retries', [`s${index}`]);
    const [{ series }] = registry.read() as [ReturnType<typeof registry.read>[number]];
    expect(series.length).toBeLessThanOrEqual(2_001);
    expect(series.at(-1)).toEqual({ labels: ['other'], value: 3_000 });
  });

  it('tells a mirror the same', async () => {
    const { createMeterMirror } = await import('../../../gateway/insight/metrics/meter-mirror.ts');
    const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
    class Pulling extends MetricReader {
      protected async onForceFlush() {}
      protected async onShutdown() {}
    }
    const reader = new Pulling();
    const provider = new MeterProvider({ readers: [reader] });
    const registry = createRegistry(createMeterMirror(provider.getMeter('test')));
    registry.add('tributary.plans', ['hit'], 3);
    registry.record('tributary.plan.duration', [], 0.2);
    registry.observe('tributary.schema.generation', () => [[[], 2]]);
    const { resourceMetrics } = await reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const points = metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints[0]?.attributes,
      dataPoints[0]?.value,
    ]);
    expect(points).toMatchObject([
      ['tributary.plans', { result: 'hit' }, 3],
      ['tributary.plan.duration', {}, { count: 1, sum: 0.2 }],
      ['tributary.schema.generation', {}, 2],
    ]);
    await provider.shutdown();
  });
});

describe('operation names', () => {
  it('are the first that come, then other', () => {
    const nameOf = createOperationNames({ limit: 2 });
    expect(['A', null, 'B', 'C', 'A'].map(nameOf)).toEqual(['A', 'unnamed', 'B', 'other', 'A']);
  });

  it('are the known ones alone where those are told', () => {
    const nameOf = createOperationNames({ known: ['A'] });
    expect(['A', 'B', null].map(nameOf)).toEqual(['A', 'other', 'unnamed']);
  });
});
