import type { GatewayHooks } from '../../../../gateway/index.ts';

/** One line of an audit log. */
export interface AuditLine {
  readonly who: string;
  readonly what: string;
  readonly outcome: string;
  readonly requestId: string;
}

/** Writes who changed what, and what was refused to whom. Reading is not written down. */
export function auditLog(write: (line: AuditLine) => void): GatewayHooks {
  return {
    name: 'audit-log',
    onResponse({ operation, refused, request, result, context }) {
      if (!refused && operation?.kind !== 'mutation') return;
      const [error] = result.errors ?? [];
      write({
        who: context.identity?.subject ?? 'anonymous',
        what: operation?.name ?? request.operationName ?? 'unnamed',
        outcome: error ? String(error.extensions['code']) : 'done',
        requestId: context.requestId,
      });
    },
  };
}
