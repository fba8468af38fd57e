import type { Cause, TributaryEvent } from '../../../events/event.ts';
import type { Clock } from '../../../lib/clock.ts';
import { toChangeEvent } from '../../kit/change-event.ts';
import type { Noun } from '../mapping/mapped.ts';
import type { MirrorRow } from './rows.ts';

/** GraphQL types of the mirrored objects. */
export const TYPENAMES: Readonly<Record<Noun, string>> = {
  customer: 'StripeCustomer',
  subscription: 'StripeSubscription',
  invoice: 'StripeInvoice',
};

/** That something became of a mirrored object. */
export interface MirrorNews {
  readonly noun: Noun;
  readonly verb: string;
  /** As it now stands. */
  readonly row: MirrorRow;
  readonly changed: readonly string[];
  readonly cause: Cause;
  /** When it happened at Stripe, where that is known; else it is now. */
  readonly at?: Date | undefined;
}

/** The outbox entry of a piece of news. */
export function toOutboxEntry(news: MirrorNews, clock: Clock): { topic: string; event: TributaryEvent } {
  const { noun, verb, row, changed, cause, at } = news;
  const event = toChangeEvent(
    {
      service: 'stripe',
      type: `stripe.${noun}.${verb}`,
      typename: TYPENAMES[noun],
      id: row._id,
      tenant: row.tenant,
      version: row.version,
      changed,
      facts: factsOf(row),
      cause,
    },
    clock,
  );
  return { topic: `stripe.${noun}`, event: at ? { ...event, time: at.toISOString() } : event };
}

function factsOf(row: MirrorRow): Record<string, unknown> {
  const { customerId, status } = row as { customerId?: string; status?: string };
  return { accountId: row.accountId, ...(customerId === undefined ? {} : { customerId, status }) };
}
