import type { GatewayHooks, SubgraphResponse } from '../../../../gateway/index.ts';

/** Answers with what a subgraph said last when it does not answer now. Only for subgraphs that say the same to everybody. */
export function lastKnown(subgraph: string, limit = 100): GatewayHooks {
  const known = new Map<string, SubgraphResponse>();
  return {
    name: 'last-known',
    readsData: true,
    onFetch(fetch) {
      if (fetch.subgraph !== subgraph || fetch.kind !== 'query') return;
      const key = JSON.stringify([fetch.text, fetch.variables]);
      return {
        onResult({ response, error }) {
          if (response && !response.errors && known.size < limit) known.set(key, response);
          return error ? known.get(key) : undefined;
        },
      };
    },
  };
}
