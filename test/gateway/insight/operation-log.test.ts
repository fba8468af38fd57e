import { describe, expect, it } from 'vitest';
import { createOperationLog, type LoggedOperation } from '../../../gateway/insight/operation-log.ts';
import type { Logger } from '../../../lib/logger.ts';
import { authenticateByScopes, startHttpGraph } from './http-graph.ts';

/** A logger that keeps its lines. */
function createKeepingLogger() {
  const lines: { level: string; facts: Record<string, unknown>; message: string | undefined }[] = [];
  const at = (level: string) => (facts: object, message?: string) =>
    void lines.push({ level, facts: { ...facts }, message });
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return { logger, lines };
}

const ENDED: LoggedOperation = {
  requestId: 'r',
  type: 'query',
  name: 'Home',
  outcome: 'ok',
  code: null,
  ms: 12.345,
  fetches: 2,
};

describe('the log of operations', () => {
  it('has a line for each, without variables and tokens', async () => {
    const { logger, lines } = createKeepingLogger();
    await using graph = await startHttpGraph({
      logger,
      authenticate: authenticateByScopes,
      insight: { operationLog: {} },
    });
    const headers = { authorization: 'Bearer a-token', 'x-request-id': 'r-1' };
    const query = 'mutation Rename($name: String!) { rename(name: $name) { balance } }';
    await graph.ask({ query, variables: { name: 'a-value' } }, headers);
    await graph.ask({ query: '{ nothing }' }, headers);
    const operations = lines.filter(({ message }) => message === 'operation');
    expect(operations).toMatchObject([
      {
        level: 'info',
        facts: { requestId: 'r-1', operation: 'Rename', type: 'mutation', outcome: 'ok', code: null, fetches: 2 },
      },
      {
        facts: { operation: null, type: 'unknown', outcome: 'refused', code: 'GRAPHQL_VALIDATION_FAILED', fetches: 0 },
      },
    ]);
    for (const secret of ['a-token', 'a-value', 'balance']) expect(JSON.stringify(operations)).not.toContain(secret);
  });

  it('is a sample where told, and has every slow one', () => {
    const { logger, lines } = createKeepingLogger();
    const draws = [0.05, 0.5, 0.5];
    const log = createOperationLog(
      { sampleRatio: 0.1, slowMs: 1_000, level: 'debug' },
      { logger, random: () => draws.shift() ?? 1 },
    );
    log(ENDED);
    log(ENDED);
    log({ ...ENDED, ms: 1_000 });
    expect(lines.map(({ level, message, facts }) => [level, message, facts['ms']])).toEqual([
      ['debug', 'operation', 12.3],
      ['debug', 'slow operation', 1_000],
    ]);
  });

  it('cuts names that are a story', () => {
    const { logger, lines } = createKeepingLogger();
    createOperationLog({}, { logger })({ ...ENDED, name: 'x'.repeat(10_000) });
    expect(lines[0]?.facts['operation']).toHaveLength(100);
  });
});
