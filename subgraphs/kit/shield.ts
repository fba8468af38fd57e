import { createRequire } from 'node:module';

type Shield = typeof import('graphql-shield');

const built = createRequire(import.meta.url)('graphql-shield') as Shield;

/**
 * What we use of graphql-shield, from its CommonJS build: the other imports `util.isUndefined`, which Node 23 took away, and
 * 7.6.5 is the last there is. Its `chain` and `race` call that function: they are not offered here.
 */
export const rule: Shield['rule'] = built.rule;

/** As {@link rule}. */
export const shield: Shield['shield'] = built.shield;
