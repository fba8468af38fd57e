import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assignee, assign, type Share } from '../../../events/embedded/assignment.ts';

const share = (partition: number, owner: Assignee | null = null, topic = 't'): Share<Assignee> => ({
  topic,
  partition,
  owner,
});

describe('assignment', () => {
  it('leaves partitions where they are and moves only what evens the load', () => {
    const [old, fresh] = [{ topics: ['t'] }, { topics: ['t'] }];
    const shares = [0, 1, 2, 3].map((partition) => share(partition, old));
    const owners = shares.map((one) => assign(shares, [old, fresh]).get(one));
    expect(owners.filter((owner) => owner === old)).toHaveLength(2);
    expect(assign([share(0, old), share(1, fresh)], [old, fresh]).size).toBe(2);
  });

  it('gives nothing to nobody', () => {
    expect(assign([share(0)], []).size).toBe(0);
    expect(assign([share(0)], [{ topics: ['other'] }]).size).toBe(0);
  });

  it('gives every wanted partition to one member that wants it, evenly where all want all', () => {
    const topics = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
    const members = fc.array(
      topics.map((wanted) => ({ topics: wanted })),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(members, fc.nat(7), fc.func(fc.nat(10)), (all, partitions, pick) => {
        const shares = ['a', 'b', 'c'].flatMap((topic) =>
          Array.from({ length: partitions }, (_, index) => share(index, all[pick(topic, index)] ?? null, topic)),
        );
        const result = assign(shares, all);
        for (const one of shares) {
          const owner = result.get(one);
          expect(owner === undefined).toBe(!all.some((member) => member.topics.includes(one.topic)));
          if (owner) expect(owner.topics).toContain(one.topic);
        }
        const loads = all.map((member) => [...result.values()].filter((owner) => owner === member).length);
        if (all.every((member) => member.topics.length === 3) && all.length > 0)
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
