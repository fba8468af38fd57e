import { createRequire } from 'node:module';

/**
 * What we use of graphql-shield, from its CommonJS build: the other imports `util.isUndefined`, which Node 23 took away, and
 * 7.6.5 is the last there is. Its `chain` and `race` call that function: they are not offered here.
 */
export const { rule, shield } = createRequire(import.meta.url)('graphql-shield') as Pick<
  typeof import('graphql-shield'),
  'rule' | 'shield'
>;
