import { createReferenceEngine as createEngine, type ReferenceEngine } from '../../gateway/apollo/reference-engine.ts';
import type { TestGraph } from './test-subgraphs.ts';

export type { ReferenceEngine };

/** Loads a graph into @apollo/gateway, which tells its vendor nothing of our tests. */
export function createReferenceEngine({ supergraphSdl, transport }: TestGraph): Promise<ReferenceEngine> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  return createEngine({ supergraphSdl, transport });
}
