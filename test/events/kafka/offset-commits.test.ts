import type { Offsets } from 'kafkajs';
import { beforeEach, describe, expect, it } from 'vitest';
import { OffsetCommits } from '../../../events/kafka/offset-commits.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { until } from '../../support/until.ts';

const settled = (topic: string, partition: number, offset: number) => ({
  topic,
  partition,
  offset,
  timestamp: 0,
  key: '',
  value: Buffer.alloc(0),
  headers: {},
});

describe('the commits of a group', () => {
  let sent: Offsets[];
  let failures: number;
  let commits: OffsetCommits;
  beforeEach(() => {
    sent = [];
    failures = 0;
    commits = new OffsetCommits(async (offsets) => {
      failures -= 1;
      if (failures >= 0) throw new Error('no coordinator');
      sent.push(offsets);
    }, silentLogger);
  });

  it('go by themselves, the newest of each partition in one request', async () => {
    for (const offset of [0, 1, 2]) commits.settle(settled('t.a', 0, offset));
    commits.settle(settled('t.a', 1, 7));
    commits.settle(settled('t.b', 0, 4));
    await until('it is sent', () => sent.length === 1);
    expect(sent).toEqual([
      {
        topics: [
          {
            topic: 't.a',
            partitions: [
              { partition: 0, offset: '3' },
              { partition: 1, offset: '8' },
            ],
          },
          { topic: 't.b', partitions: [{ partition: 0, offset: '5' }] },
        ],
      },
    ]);
    expect(commits.isPending).toBe(false);
  });

  it('are kept when they fail, and go with the next', async () => {
    failures = 1;
    commits.settle(settled('t.a', 0, 0));
    await commits.flush();
    expect([commits.isPending, sent]).toEqual([true, []]);
    commits.settle(settled('t.a', 1, 0));
    await commits.flush();
    expect(sent[0]?.topics[0]?.partitions).toHaveLength(2);
    expect(commits.isPending).toBe(false);
  });

  it('are forgotten when the partitions are another’s', async () => {
    commits.settle(settled('t.a', 0, 0));
    commits.drop();
    await commits.flush();
    expect([commits.isPending, sent]).toEqual([false, []]);
  });
});
