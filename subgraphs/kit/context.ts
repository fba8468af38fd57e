import type { Identity } from '../../lib/identity.ts';
import type { SubgraphContext } from './service.ts';

/** A context for exactly one operation: its loaders and its verdicts on rights die with it. */
export function createContext(identity: Identity, requestId: string): SubgraphContext {
  const loaders = new Map<string, unknown>();
  return {
    identity,
    requestId,
    loader<Loader>(name: string, make: () => Loader): Loader {
      if (!loaders.has(name)) loaders.set(name, make());
      return loaders.get(name) as Loader;
    },
    forget: () => loaders.clear(),
  };
}
