import { describe, expect, it } from 'vitest';
import { DEFAULT_TRAFFIC, type SubgraphTraffic, toTraffic } from '../../../gateway/transport/traffic.ts';

describe('the rules of a subgraph', () => {
  it('are the defaults where nothing is said, and plain data', () => {
    expect(toTraffic()).toEqual({ ...DEFAULT_TRAFFIC, headers: { forward: [], rename: {}, set: {} } });
    expect(JSON.parse(JSON.stringify(DEFAULT_TRAFFIC))).toEqual(DEFAULT_TRAFFIC);
  });

  it('go before those for all, member by member', () => {
    const all: SubgraphTraffic = {
      timeoutMs: 1,
      retry: { attempts: 5, budget: 1 },
      headers: { forward: ['a'], set: { b: '1' } },
    };
    const own: SubgraphTraffic = {
      connections: 2,
      retry: { attempts: 3 },
      headers: { forward: ['c'], set: { b: '2' } },
    };
    expect(toTraffic(all, own)).toMatchObject({
      timeoutMs: 1,
      connections: 2,
      retry: { attempts: 3, budget: 1, firstPauseMs: DEFAULT_TRAFFIC.retry.firstPauseMs },
      headers: { forward: ['a', 'c'], set: { b: '2' } },
    });
  });

  it.each<[SubgraphTraffic['breaker'], SubgraphTraffic['breaker'], unknown]>([
    [undefined, false, false],
    [false, undefined, false],
    [false, { openMs: 1 }, { ...DEFAULT_TRAFFIC.breaker, openMs: 1 }],
    [{ minCalls: 2 }, { openMs: 1 }, { ...DEFAULT_TRAFFIC.breaker, minCalls: 2, openMs: 1 }],
    [{ minCalls: 2 }, false, false],
  ])('a group said %j for all and %j for one is %j', (all, own, expected) => {
    const group = (breaker: SubgraphTraffic['breaker']) => (breaker === undefined ? {} : { breaker });
    expect(toTraffic(group(all), group(own)).breaker).toEqual(expected);
  });
});
