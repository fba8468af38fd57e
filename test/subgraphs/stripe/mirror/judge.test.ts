import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mapped, Noun } from '../../../../subgraphs/stripe/mapping/mapped.ts';
import { type Candidate, type Held, judge } from '../../../../subgraphs/stripe/mirror/judge.ts';

type Content = Mapped['content'];

function mapped(noun: Noun, content: Content): Mapped {
  return { noun, id: 'x', externalId: 'x', createdAt: new Date(0), customer: null, content };
}

function candidate(noun: Noun, content: Content, asOf: number, rest: Partial<Candidate> = {}): Candidate {
  return { mapped: mapped(noun, content), asOf, deleted: false, fetched: false, ...rest };
}

const held = (content: Content, asOf: number, deletedAt: Date | null = null): Held => ({ content, asOf, deletedAt });
const open = { status: 'open' };
const paid = { status: 'paid' };

describe('judge', () => {
  it.each([
    ['nothing is held', null, candidate('invoice', open, 10), 'newer'],
    ['a later second', held(open, 10), candidate('invoice', paid, 11), 'newer'],
    ['an earlier second', held(paid, 11), candidate('invoice', open, 10), 'older'],
    ['the same second, the same state', held(paid, 10), candidate('invoice', paid, 10), 'same'],
    ['the same second, further on', held(open, 10), candidate('invoice', paid, 10), 'newer'],
    ['the same second, less far', held(paid, 10), candidate('invoice', open, 10), 'older'],
    [
      'the same second, as far',
      held({ ...open, total: 1 }, 10),
      candidate('invoice', { ...open, total: 2 }, 10),
      'doubt',
    ],
    ['a later second, gone back', held(paid, 10), candidate('invoice', open, 11), 'doubt'],
    ['a customer in the same second', held({ name: 'a' }, 10), candidate('customer', { name: 'b' }, 10), 'doubt'],
    [
      'in doubt but fetched',
      held({ name: 'a' }, 10),
      candidate('customer', { name: 'b' }, 10, { fetched: true }),
      'newer',
    ],
    [
      'fetched before what is held',
      held({ name: 'a' }, 10),
      candidate('customer', { name: 'b' }, 9, { fetched: true }),
      'older',
    ],
    ['an earlier second, further on', held(open, 11), candidate('invoice', paid, 10), 'doubt'],
    ['further on, fetched a little before', held(open, 11), candidate('invoice', paid, 10, { fetched: true }), 'newer'],
    ['deleted', held(open, 10), candidate('invoice', open, 9, { deleted: true }), 'newer'],
    ['after the deletion', held(open, 10, new Date(0)), candidate('invoice', paid, 99), 'older'],
    ['deleted again', held(open, 10, new Date(0)), candidate('invoice', open, 11, { deleted: true }), 'same'],
    [
      'a subscription that ended',
      held({ status: 'active' }, 10),
      candidate('subscription', { status: 'canceled' }, 10),
      'newer',
    ],
    [
      'a subscription that came back',
      held({ status: 'canceled' }, 10),
      candidate('subscription', { status: 'active' }, 11),
      'doubt',
    ],
  ] as const)('%s', (_name, current, given, verdict) => {
    expect(judge(current, given)).toBe(verdict);
  });

  it('ends in Stripe’s last state whatever the order and however often events come', () => {
    const history = fc.array(fc.record({ seconds: fc.nat(2), name: fc.constantFrom('a', 'b', 'c') }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (steps, draws) => {
        let clock = 100;
        const events = steps.map(({ seconds, name }) => {
          clock += seconds;
          return candidate('customer', { name }, clock);
        });
        const last = events.at(-1) as Candidate;
        const arrivals = [...events, ...events.slice(0, 3)]
          .map((event) => ({ event, place: draws.next().value as number }))
          .sort((a, b) => a.place - b.place);
        let mirror: Held | null = null;
        for (const { event } of arrivals) mirror = settle(mirror, event, last);
        expect(mirror?.content).toEqual(last.mapped.content);
      }),
    );
  });
});

/** What the mirror does with a verdict; whatever is in doubt is read as it stands at Stripe. */
function settle(current: Held | null, event: Candidate, last: Candidate): Held | null {
  const verdict = judge(current, event);
  if (verdict === 'doubt')
    return settle(current, { ...last, asOf: Math.max(event.asOf, last.asOf), fetched: true }, last);
  if (verdict === 'older') return current;
  return { content: event.mapped.content, asOf: event.asOf, deletedAt: null };
}
