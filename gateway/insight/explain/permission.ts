import type { GraphQLFormattedError } from 'graphql';
import type { GraphQLRequest, OperationContext } from '../../engine.ts';

/** The scope that explanations need. */
export const EXPLAIN_SCOPE = 'graph:explain';
/** The header that asks for one; the request extension `{"explain": true}` does too. */
export const EXPLAIN_HEADER = 'x-tributary-explain';

/** Who gets explanations: those with the scope, everybody, or nobody. */
export type ExplainMode = 'scope' | 'anyone' | 'off';

/** What becomes of a request's wish for an explanation. */
export type Permission = 'unasked' | 'granted' | 'denied';

/** Whether an operation is to be explained. A gateway without authentication has no scopes, so `scope` denies everybody there. */
export function explainPermission(request: GraphQLRequest, context: OperationContext, mode: ExplainMode): Permission {
  const isAsked = request.extensions?.['explain'] === true || context.headers?.[EXPLAIN_HEADER] === '1';
  if (!isAsked) return 'unasked';
  if (mode === 'anyone') return 'granted';
  return mode === 'scope' && context.identity?.scopes.includes(EXPLAIN_SCOPE) ? 'granted' : 'denied';
}

/** Beside the data for callers of an audience: a plan names services, and fields that are not in their schema. */
export const EXPLAIN_WITHHELD: GraphQLFormattedError = {
  message: 'Callers of an audience get no explanations.',
  extensions: { code: 'FORBIDDEN', missingScopes: [] },
};

/** Beside the data of an operation whose explanation was denied. */
export const EXPLAIN_DENIED: GraphQLFormattedError = {
  message: `An explanation needs the scope ${EXPLAIN_SCOPE}.`,
  extensions: { code: 'FORBIDDEN', missingScopes: [EXPLAIN_SCOPE] },
};
