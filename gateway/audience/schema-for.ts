import type { Identity } from '../../lib/identity.ts';
import { loadSupergraph } from '../supergraph/load-supergraph.ts';
import { parseSupergraph } from '../supergraph/parse-supergraph.ts';
import { type Audience, createAudiences } from './audiences.ts';

/** The schema that a caller sees of a supergraph, as text: its audience's contract, as far as its scopes reach. */
export function schemaFor(
  supergraphSdl: string,
  { audiences, identity }: { audiences: readonly Audience[]; identity: Identity | null },
): string {
  const { schema, policy } = loadSupergraph(supergraphSdl);
  return createAudiences({ document: parseSupergraph(supergraphSdl), schema, policy, audiences }).viewOf(identity).sdl;
}
