import { readFile } from 'node:fs/promises';
import { AppError } from '../lib/errors.ts';

/** The committed supergraph, as `npm run compose` wrote it. AppError SUPERGRAPH_INVALID when it is not there. */
export async function readSupergraph(): Promise<string> {
  const file = new URL('../schema/supergraph.graphql', import.meta.url);
  return readFile(file, 'utf8').catch((cause) => {
    throw new AppError('SUPERGRAPH_INVALID', 'schema/supergraph.graphql is missing. Run `npm run compose`.', { cause });
  });
}
