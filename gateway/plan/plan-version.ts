import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { REPAIRS_VERSION } from '../supergraph/repairs/planner-supergraph.ts';

const require = createRequire(import.meta.url);

/**
 * What a saved plan depends on besides its key: the supergraph, the planner's version and that of our repairs. A plan is used
 * again only where all three are the same.
 */
export function hashForPlans(sdl: string): string {
  const { version } = require('@apollo/query-planner/package.json') as { version: string };
  return createHash('sha256').update(`${version}\n${REPAIRS_VERSION}\n${sdl}`).digest('hex');
}
