import type { DocumentNode } from 'graphql';
import { parse } from 'graphql';
import type { Engine, PreparedOperation } from '../../engine.ts';
import { type CacheHints, readCacheHints } from './cache-hints.ts';
import { type CachePolicy, cachePolicyOf } from './cache-policy.ts';

/** The policy of a prepared operation; null when its answer must not be kept. */
export type CachePolicyOf = (operation: PreparedOperation) => CachePolicy | null;

/** What a supergraph says, and the policies found so far: prepared operations share their documents. */
interface Known {
  readonly sdl: string;
  readonly hints: CacheHints;
  readonly policies: WeakMap<DocumentNode, Map<string, CachePolicy | null>>;
}

/** Policies by the supergraph that the engine has at the time. */
export function createCachePolicies(engine: Pick<Engine, 'supergraphSdl' | 'schema'>, enabled: boolean): CachePolicyOf {
  if (!enabled) return () => null;
  let known = read(engine.supergraphSdl);
  return ({ document, kind, name }) => {
    if (known.sdl !== engine.supergraphSdl) known = read(engine.supergraphSdl);
    const { hints, policies } = known;
    if (hints.size === 0 || kind !== 'query') return null;
    const ofDocument = policies.get(document) ?? new Map<string, CachePolicy | null>();
    policies.set(document, ofDocument);
    const found = ofDocument.get(name ?? '');
    if (found !== undefined) return found;
    const policy = cachePolicyOf({ schema: engine.schema, hints, document, name });
    ofDocument.set(name ?? '', policy);
    return policy;
  };
}

function read(sdl: string): Known {
  // Parsed again, for few supergraphs have the directive: the others pay a search in a text.
  const hints: CacheHints = sdl.includes('acheControl') ? readCacheHints(parse(sdl, { noLocation: true })) : new Map();
  return { sdl, hints, policies: new WeakMap() };
}
