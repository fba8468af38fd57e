import type { GatewayConfig } from '@apollo/gateway';
import { type Logger, silentLogger } from '../../lib/logger.ts';

type ApolloLogger = NonNullable<GatewayConfig['logger']>;
type Level = 'debug' | 'info' | 'warn' | 'error';

/** Our log through a logger of Apollo's form, one text for each event; silent without one. */
export function fromApolloLogger(target: ApolloLogger | undefined): Logger {
  return target ? toLogger(target, {}) : silentLogger;
}

function toLogger(target: ApolloLogger, bound: object): Logger {
  const write = (level: Level) => (facts: object, message?: string) =>
    target[level](toText({ ...bound, ...facts }, message));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (facts) => toLogger(target, { ...bound, ...facts }),
  };
}

function toText({ err, ...facts }: { err?: unknown }, message = ''): string {
  const reason = err instanceof Error ? err.message : undefined;
  const rest = Object.keys(facts).length > 0 ? JSON.stringify(facts) : undefined;
  return [message, reason, rest].filter(Boolean).join(' ');
}
