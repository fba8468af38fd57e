import type { ExchangeFacts } from '../../transport/transport.ts';
import { toBoundedCode } from '../outcome.ts';
import type { Registry } from './registry.ts';

/** Counts one fetch. */
export type FetchMeter = (facts: ExchangeFacts) => void;

/** The meters of one subgraph, found once: fetches are what is counted most. */
interface SubgraphMeters {
  readonly queries: () => void;
  readonly seconds: (value: number) => void;
  readonly received: (bytes: number) => void;
}

/** Counts fetches by subgraph. */
export function createFetchMeter(registry: Registry): FetchMeter {
  const bySubgraph = new Map<string, SubgraphMeters>();

  function metersOf(subgraph: string): SubgraphMeters {
    const known = bySubgraph.get(subgraph);
    if (known) return known;
    const meters = {
      queries: registry.counter('tributary.fetches', [subgraph, 'query', 'ok']),
      seconds: registry.histogram('tributary.fetch.duration', [subgraph]),
      received: registry.counter('tributary.fetch.received', [subgraph]),
    };
    bySubgraph.set(subgraph, meters);
    return meters;
  }
  return ({ subgraph, kind, ms, attempts, receivedBytes, error }) => {
    const meters = metersOf(subgraph);
    if (error === null && kind === 'query') meters.queries();
    else registry.add('tributary.fetches', [subgraph, kind, error === null ? 'ok' : toBoundedCode(error)]);
    meters.seconds(ms / 1_000);
    if (receivedBytes) meters.received(receivedBytes);
    if (attempts > 1) registry.add('tributary.fetch.retries', [subgraph], attempts - 1);
  };
}
