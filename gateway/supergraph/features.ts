import type { DocumentNode } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import { readSpecLinks, type SpecLink } from '../../lib/spec-links.ts';

const APOLLO = 'https://specs.apollo.dev';

/** Specifications this engine executes or enforces, with the versions it knows. */
const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  [`${APOLLO}/core`]: ['v0.1', 'v0.2'],
  [`${APOLLO}/link`]: ['v1.0'],
  [`${APOLLO}/join`]: ['v0.1', 'v0.2', 'v0.3', 'v0.4', 'v0.5'],
  [`${APOLLO}/tag`]: ['v0.1', 'v0.2', 'v0.3'],
  [`${APOLLO}/inaccessible`]: ['v0.1', 'v0.2'],
  [`${APOLLO}/authenticated`]: ['v0.1'],
  [`${APOLLO}/requiresScopes`]: ['v0.1'],
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
  return link.version !== null && (SUPPORTED[link.identity] ?? []).includes(link.version);
}

/** A later version of a known specification may mean something else, so it counts as essential too. */
function isEssential(link: SpecLink): boolean {
  return link.purpose !== null || Object.hasOwn(SUPPORTED, link.identity);
}
