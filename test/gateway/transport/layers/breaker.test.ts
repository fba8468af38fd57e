import { beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../../../gateway/transport/call.ts';
import { abandoned, invalidResponse, shed, timedOut, unavailable } from '../../../../gateway/transport/failures.ts';
import { breakCircuit } from '../../../../gateway/transport/layers/breaker.ts';
import { FailureWindow } from '../../../../gateway/transport/layers/failure-window.ts';
import { createFrozenClock } from '../../../../lib/clock.ts';
import { AppError } from '../../../../lib/errors.ts';
import { callOf, deferred, replyOf, settled } from './calls.ts';

const RULES = { windowMs: 1_000, minCalls: 4, failureShare: 0.5, openMs: 500 };
const GONE = unavailable('crm');
let steady = createFrozenClock(0);
let states: string[] = [];
let sent = 0;
beforeEach(() => {
  [steady, states, sent] = [createFrozenClock(10_000), [], 0];
});

function start() {
  let next: () => Promise<Reply> = async () => replyOf();
  const exchange = breakCircuit(RULES, steady, (state) => states.push(state))(() => {
    sent += 1;
    return next();
  });
  const call = async (outcome: Reply | Error | Promise<Reply>) => {
    next = async () => {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    const made = callOf();
    const code = await exchange(made).then(
      ({ status }) => status,
      ({ code, extensions }) => extensions?.verdict ?? code,
    );
    made.lifetime.close();
    return code;
  };
  const calls = async (...outcomes: (Reply | Error)[]) => {
    const codes = [];
    for (const outcome of outcomes) codes.push(await call(outcome));
    return codes;
  };
  return { call, calls };
}

describe('a circuit breaker', () => {
  it('opens when half of the calls of a while failed, and spares the service', async () => {
    const { calls } = start();
    await calls(replyOf(), replyOf(), GONE);
    expect(states).toEqual([]);
    await calls(GONE);
    expect(states).toEqual(['open']);
    expect(await calls(replyOf(), replyOf())).toEqual(['breaker-open', 'breaker-open']);
    expect(sent).toBe(4);
  });

  it('does not open over a few calls, nor over what lies further back than its while', async () => {
    const { calls } = start();
    await calls(GONE, GONE, GONE);
    steady.advance(1_100);
    await calls(GONE, GONE, GONE, replyOf(), replyOf(), replyOf());
    expect(states).toEqual([]);
  });

  it.each<[string, Reply | Error, number]>([
    ['no connection', GONE, 1],
    ['no answer in time', timedOut('crm'), 1],
    ['an answer that breaks off', invalidResponse('crm', 'x', { fault: 'broken' }), 1],
    ['429', replyOf(429), 1],
    ['502', replyOf(502), 1],
    ['503', replyOf(503), 1],
    ['504', replyOf(504), 1],
    ['errors with 400', replyOf(400), 0],
    ['errors with 500', replyOf(500), 0],
    ['an answer over the limit', invalidResponse('crm', 'x', { fault: 'size' }), 0],
    ['an answer that is no result', invalidResponse('crm', 'x'), 0],
    ['a client that leaves', abandoned('crm'), 0],
    ['a full queue', shed('crm', 'queue-full'), 0],
    ['an identity that cannot be signed', new AppError('UNAUTHENTICATED', 'no'), 0],
  ])('opens over %s: %#', async (_, outcome, opened) => {
    const { calls } = start();
    await calls(...Array<Reply | Error>(10).fill(outcome));
    expect(states.length).toBe(opened);
  });

  it('lets one call through after its rest, and closes when that succeeds', async () => {
    const { call, calls } = start();
    await calls(GONE, GONE, GONE, GONE);
    steady.advance(499);
    expect(await call(replyOf())).toBe('breaker-open');
    steady.advance(1);
    const probe = deferred<Reply>();
    const probing = call(probe.promise);
    await settled();
    expect(await call(replyOf())).toBe('breaker-open');
    probe.resolve(replyOf());
    expect(await probing).toBe(200);
    expect(states).toEqual(['open', 'closed']);
    expect(await calls(GONE, GONE, GONE, replyOf())).toEqual([...Array(3).fill('SUBGRAPH_UNAVAILABLE'), 200]);
    expect(states).toEqual(['open', 'closed']);
  });

  it('rests again when the call it let through fails, and asks the next when that one’s client left', async () => {
    const { call, calls } = start();
    await calls(GONE, GONE, GONE, GONE);
    steady.advance(500);
    expect(await calls(GONE, replyOf())).toEqual(['SUBGRAPH_UNAVAILABLE', 'breaker-open']);
    steady.advance(500);
    expect(await call(abandoned('crm'))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(await call(replyOf())).toBe(200);
    expect(states).toEqual(['open', 'closed']);
  });

  it('does not count what began before it opened', async () => {
    const { call, calls } = start();
    const slow = deferred<Reply>();
    const old = call(slow.promise);
    await settled();
    await calls(GONE, GONE, GONE, GONE);
    slow.reject(GONE);
    await old;
    steady.advance(500);
    expect(await call(replyOf())).toBe(200);
    expect(states).toEqual(['open', 'closed']);
  });
});

describe('a window of failures', () => {
  it('forgets a tenth at a time, however long nothing happens', () => {
    const window = new FailureWindow(1_000);
    window.count(0, true);
    window.count(550, false);
    expect(window.totals(999)).toEqual({ calls: 2, failures: 1 });
    expect(window.totals(1_000)).toEqual({ calls: 1, failures: 0 });
    expect(window.totals(10 ** 12)).toEqual({ calls: 0, failures: 0 });
  });
});
