import type { DocumentNode } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import { readSpecLinks, type SpecLink } from '../../lib/spec-links.ts';

const APOLLO = 'https://specs.apollo.dev';

/** How this engine stands to a specification, and in which versions. */
interface Standing {
  readonly versions: readonly string[];
  /** Why ignoring it changes no answer; absent: it is executed or enforced. */
  readonly ignoredBecause?: string;
}

/**
 * The specifications this engine knows. What is not here is refused when a supergraph marks it `for: SECURITY` or
 * `for: EXECUTION` (`@policy`, `@context`, `@connect`), and ignored otherwise: it says so itself that nothing depends on it.
 */
export const FEATURES: Readonly<Record<string, Standing>> = {
  [`${APOLLO}/core`]: { versions: ['v0.1', 'v0.2'] },
  [`${APOLLO}/link`]: { versions: ['v1.0'] },
  [`${APOLLO}/join`]: { versions: ['v0.1', 'v0.2', 'v0.3', 'v0.4', 'v0.5'] },
  [`${APOLLO}/tag`]: { versions: ['v0.1', 'v0.2', 'v0.3'] },
  [`${APOLLO}/inaccessible`]: { versions: ['v0.1', 'v0.2'] },
  [`${APOLLO}/authenticated`]: { versions: ['v0.1'] },
  [`${APOLLO}/requiresScopes`]: { versions: ['v0.1'] },
  [`${APOLLO}/cost`]: {
    versions: ['v0.1'],
    ignoredBecause: 'it prices operations; ours are bounded by counting their fields',
  },
  [`${APOLLO}/cacheTag`]: {
    versions: ['v0.1'],
    ignoredBecause: 'it names what a cache may drop together; answers are the same without',
  },
};

/**
 * Refuses what would otherwise be ignored in silence: a document that links no join specification, and features marked
 * `for: SECURITY` or `for: EXECUTION` that this engine does not know. Others (`@composeDirective` specs) pass.
 * AppError SUPERGRAPH_INVALID names the feature.
 */
export function checkFeatures(document: DocumentNode): void {
  const links = readSpecLinks(document);
  if (!links.some((link) => link.identity === `${APOLLO}/join`))
    throw new AppError(
      'SUPERGRAPH_INVALID',
      'The document links no join specification: expected a composed supergraph, not the schema of one subgraph.',
    );
  for (const link of links) {
    if (isSupported(link) || !isEssential(link)) continue;
    throw new AppError(
      'SUPERGRAPH_INVALID',
      `The supergraph uses ${link.url}${link.purpose ? ` for ${link.purpose}` : ''}, which this gateway does not support.`,
      { extensions: { feature: link.url } },
    );
  }
}

function isSupported(link: SpecLink): boolean {
  return link.version !== null && (FEATURES[link.identity]?.versions ?? []).includes(link.version);
}

/** A later version of a known specification may mean something else, so it counts as essential too. */
function isEssential(link: SpecLink): boolean {
  return link.purpose !== null || Object.hasOwn(FEATURES, link.identity);
}
