import { describe, expect, it, vi } from 'vitest';
import type { Call, Reply } from '../../../../gateway/transport/call.ts';
import { invalidResponse, timedOut, unavailable } from '../../../../gateway/transport/failures.ts';
import { retryAfterMs, retryQueries } from '../../../../gateway/transport/layers/retry.ts';
import { DEFAULT_TRAFFIC, type RetryRules } from '../../../../gateway/transport/traffic.ts';
import { createFrozenClock } from '../../../../lib/clock.ts';
import { callOf, replyOf } from './calls.ts';

const clock = createFrozenClock(Date.parse('2026-11-23T12:00:00Z'));

/** Runs a call against these outcomes in turn, the last for ever. */
function run(
  outcomes: readonly (Reply | Error)[],
  rules: Partial<RetryRules> = {},
  call: Call = callOf(),
  random = () => 0,
) {
  let tries = 0;
  const layer = retryQueries({ rules: { ...DEFAULT_TRAFFIC.retry, attempts: 3, ...rules }, random, clock });
  const exchange = layer(async () => {
    const outcome = outcomes[Math.min(tries, outcomes.length - 1)];
    tries += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome as Reply;
  });
  const sent = exchange(call).then(
    ({ status }) => status,
    ({ code }) => code,
  );
  return sent.then((outcome) => ({ outcome, tries, verdicts: call.notes.verdicts }));
}

const GONE = unavailable('crm');

describe('a query', () => {
  it.each<[string, (Reply | Error)[], unknown, number, string[]]>([
    ['whose connection failed', [GONE, replyOf()], 200, 2, ['retried:absent']],
    ['whose try took too long', [timedOut('crm'), replyOf()], 200, 2, ['retried:late']],
    ['answered 429', [replyOf(429), replyOf()], 200, 2, ['retried:429']],
    ['answered 502, then 504', [replyOf(502), replyOf(504), replyOf()], 200, 3, ['retried:502', 'retried:504']],
    ['answered 503 always', [replyOf(503)], 503, 3, ['retried:503', 'retried:503']],
    ['that never connects', [GONE], 'SUBGRAPH_UNAVAILABLE', 3, ['retried:absent', 'retried:absent']],
    ['answered 500', [replyOf(500)], 500, 1, []],
    ['answered 400', [replyOf(400)], 400, 1, []],
    ['answered nonsense', [invalidResponse('crm', 'x')], 'SUBGRAPH_INVALID_RESPONSE', 1, []],
    ['whose answer broke off', [invalidResponse('crm', 'x', { fault: 'broken' })], 'SUBGRAPH_INVALID_RESPONSE', 1, []],
    ['asked to come again at once', [replyOf(503, '0'), replyOf()], 200, 2, ['retried:503']],
    ['asked to come again after the call', [replyOf(503, '6')], 503, 1, ['retry-too-late']],
    ['asked to come again in an hour', [replyOf(503, 'Mon, 23 Nov 2026 13:00:00 GMT')], 503, 1, ['retry-too-late']],
    ['asked to come again sometime', [replyOf(503, 'soon'), replyOf()], 200, 2, ['retried:503']],
  ])('%s comes to what it must', async (_, outcomes, outcome, tries, verdicts) => {
    expect(await run(outcomes)).toEqual({ outcome, tries, verdicts });
  });

  it('waits as long as it is asked to, and no longer than its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const sent = run([replyOf(503, '1'), replyOf()]);
      await vi.advanceTimersByTimeAsync(999);
      let done = false;
      void sent.then(() => {
        done = true;
      });
      await vi.advanceTimersByTimeAsync(0);
      expect(done).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(await sent).toMatchObject({ outcome: 200, tries: 2 });
      const late = run([replyOf(503, '1')], {}, callOf({ timeoutMs: 900 }));
      expect(await late).toMatchObject({ outcome: 503, tries: 1, verdicts: ['retry-too-late'] });
    } finally {
      vi.useRealTimers();
    }
  });

  it('spreads its pauses below a ceiling that doubles', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const pauses: number[] = [];
      const set = vi.spyOn(globalThis, 'setTimeout');
      const sent = run(
        [GONE],
        { attempts: 5, firstPauseMs: 100, maxPauseMs: 300 },
        callOf({ timeoutMs: 60_000 }),
        () => 0.5,
      );
      await vi.advanceTimersByTimeAsync(1_000);
      await sent;
      for (const [, ms] of set.mock.calls) if (ms !== 60_000) pauses.push(Number(ms));
      expect(pauses).toEqual([50, 100, 150, 150]);
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  it('does not go on once its client has left, in a pause too', async () => {
    const client = new AbortController();
    const call = callOf({ signal: client.signal });
    const sent = run([replyOf(503, '2')], {}, call);
    setTimeout(() => client.abort(), 10);
    expect(await sent).toMatchObject({ outcome: 'SUBGRAPH_UNAVAILABLE', tries: 1 });
  });
});

describe('a mutation', () => {
  it.each([GONE, replyOf(503, '0'), replyOf(429), timedOut('crm')])('is sent once, whatever comes', async (outcome) => {
    expect(await run([outcome], {}, callOf({ kind: 'mutation' }))).toMatchObject({ tries: 1, verdicts: [] });
  });
});

describe('the budget of retries', () => {
  it('keeps them from adding more than their share to the load of a service that fails', async () => {
    const layer = retryQueries({
      rules: { ...DEFAULT_TRAFFIC.retry, attempts: 10, budget: 0.2 },
      random: () => 0,
      clock,
    });
    let tries = 0;
    const exchange = layer(async () => {
      tries += 1;
      throw GONE;
    });
    const verdicts = new Set<string>();
    for (let index = 0; index < 1_000; index += 1) {
      const call = callOf();
      await exchange(call).catch(() => undefined);
      call.lifetime.close();
      for (const verdict of call.notes.verdicts) verdicts.add(verdict);
    }
    expect(tries).toBeGreaterThan(1_150);
    expect(tries).toBeLessThanOrEqual(1_000 * 1.2 + 10);
    expect([...verdicts]).toEqual(['retried:absent', 'retry-budget-spent']);
  });
});

describe('Retry-After', () => {
  it.each<[string | null, number | null]>([
    [null, null],
    ['', null],
    ['3', 3_000],
    ['0', 0],
    ['-1', null],
    ['1.5', null],
    ['9'.repeat(10), null],
    ['Mon, 23 Nov 2026 12:00:05 GMT', 5_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['Mon, soon', null],
    ['2026-11-23', null],
  ])('%j means %s ms', (value, expected) => {
    expect(retryAfterMs(value, clock.now())).toBe(expected);
  });
});
