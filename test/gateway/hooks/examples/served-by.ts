import type { GatewayHooks } from '../../../../gateway/index.ts';

/** Says in `extensions` which release answered and how many fetches it took, and the release in a header too. */
export function servedBy(release: string): GatewayHooks {
  return {
    name: 'served-by',
    onFetch({ context }) {
      context.state.set('fetches', Number(context.state.get('fetches') ?? 0) + 1);
    },
    onResponse({ context }) {
      const fetches = context.state.get('fetches') ?? 0;
      return { extensions: { served: { release, fetches } }, headers: { 'x-release': release } };
    },
  };
}
