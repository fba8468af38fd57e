import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const module = new URL('../../lib/logger.ts', import.meta.url).href;

/** What a process of its own writes to standard error, a JSON object a line: the logger binds the stream when it is made. */
function logLines(level: string, body: string): Record<string, unknown>[] {
  const program = `import { createLogger, silentLogger } from ${JSON.stringify(module)}; const logger = createLogger(${level}); ${body}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('createLogger', () => {
  it('never shows tokens, secrets, cookies or authorization', () => {
    const lines = logLines(
      "'info'",
      `const c = 'canary';
       logger.info({ token: c, secret: c, authorization: c, kept: 'seen' }, 'one');
       logger.warn({ call: { token: c, secret: c, authorization: c, kept: 'seen' } }, 'two');
       logger.error({ headers: { authorization: c, cookie: c, kept: 'seen' } }, 'three');
       logger.child({ token: c, kept: 'seen' }).info({ secret: c }, 'four');`,
    );
    expect(lines).toHaveLength(4);
    expect(JSON.stringify(lines)).not.toContain('canary');
    for (const line of lines) expect(JSON.stringify(line), String(line['msg'])).toContain('"kept":"seen"');
  });

  it('keeps an event on one line, whatever is in it', () => {
    const [line, ...others] = logLines("'info'", `logger.info({ name: 'a\\r\\n{"level":60}\\u2028b' }, 'x\\ny');`);
    expect([line?.['name'], line?.['msg'], others]).toEqual(['a\r\n{"level":60}\u2028b', 'x\ny', []]);
  });

  it('says when, with facts bound by child, from its level upwards', () => {
    const lines = logLines(
      "'warn'",
      `logger.info({}, 'quiet'); logger.child({ requestId: 'r' }).warn({ a: 1 }, 'loud');`,
    );
    expect(lines).toEqual([
      { level: 40, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), requestId: 'r', a: 1, msg: 'loud' },
    ]);
  });

  it('says nothing when it is silent', () => {
    expect(logLines("'silent'", `logger.error({}, 'x'); silentLogger.error({}, 'y');`)).toEqual([]);
  });
});
