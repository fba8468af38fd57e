import type { ExecutionResult } from 'graphql';
import type { Answer } from '../../answer.ts';
import type { OperationContext, PreparedOperation } from '../../engine.ts';
import type { CachePolicyOf } from './cache-policies.ts';

/**
 * The Cache-Control of an answer (RFC 9111 §5.2.2), or null where the default, `no-store`, holds: for mutations, answers with
 * errors or denied fields, and whatever the supergraph does not say may be kept. An answer made for an identity is at most
 * private, and so is one to a request with credentials: rules may pass them on to subgraphs.
 */
export function cacheHeaderOf(
  { operation, answer, context }: { operation: PreparedOperation; answer: Answer; context: OperationContext },
  policyOf: CachePolicyOf,
): string | null {
  const policy = policyOf(operation);
  if (policy === null || operation.denied.length > 0 || answer.deferred !== null || hasErrors(answer.result))
    return null;
  const { identity, headers } = context;
  const isPersonal = identity !== null || headers?.['authorization'] !== undefined || headers?.['cookie'] !== undefined;
  const scope = policy.isPrivate || isPersonal ? 'private' : 'public';
  return `max-age=${policy.maxAge}, ${scope}`;
}

function hasErrors({ errors, data }: ExecutionResult): boolean {
  return (errors !== undefined && errors.length > 0) || data === null || data === undefined;
}
