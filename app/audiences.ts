import type { Audience } from '../gateway/index.ts';

/** Who gets less than the whole graph: partners see nothing that is tagged `internal`. */
export const AUDIENCES: readonly Audience[] = [{ name: 'partner', roles: ['partner'], exclude: ['internal'] }];
