import { AppError } from '../../../lib/errors.ts';
import type { Noun } from './mapped.ts';

/** What a Stripe event means here. */
export interface EventMeaning {
  readonly noun: Noun;
  /** Last part of our event's type, for example `paid` of `stripe.invoice.paid`. */
  readonly verb: string;
}

const UPDATED = 'updated';

/** Stripe's verbs by the prefix of the event type; verbs that say no more than that something changed are `updated`. */
const MEANINGS: readonly { prefix: string; noun: Noun; verbs: Readonly<Record<string, string>> }[] = [
  {
    prefix: 'customer.subscription.',
    noun: 'subscription',
    verbs: {
      created: 'created',
      updated: UPDATED,
      deleted: 'deleted',
      paused: UPDATED,
      resumed: UPDATED,
      pending_update_applied: UPDATED,
      pending_update_expired: UPDATED,
      trial_will_end: UPDATED,
    },
  },
  { prefix: 'customer.', noun: 'customer', verbs: { created: 'created', updated: UPDATED, deleted: 'deleted' } },
  {
    prefix: 'invoice.',
    noun: 'invoice',
    verbs: {
      created: 'created',
      updated: UPDATED,
      deleted: 'deleted',
      finalized: 'finalized',
      paid: 'paid',
      payment_failed: 'payment-failed',
      voided: 'voided',
      marked_uncollectible: 'marked-uncollectible',
      finalization_failed: UPDATED,
      overdue: UPDATED,
      overpaid: UPDATED,
      payment_action_required: UPDATED,
      payment_attempt_required: UPDATED,
      payment_succeeded: UPDATED,
      sent: UPDATED,
      will_be_due: UPDATED,
    },
  },
];

/** The meaning of a Stripe event type. AppError EVENT_UNKNOWN for a type that nobody here handles. https://docs.stripe.com/api/events/types */
export function meaningOf(type: string): EventMeaning {
  const found = MEANINGS.find(({ prefix }) => type.startsWith(prefix));
  const name = found ? type.slice(found.prefix.length) : '';
  const verb = found && Object.hasOwn(found.verbs, name) ? found.verbs[name] : undefined;
  if (!found || !verb)
    throw new AppError('EVENT_UNKNOWN', 'Stripe sent an event of a type that is not handled.', {
      extensions: { type: type.slice(0, 100) },
    });
  return { noun: found.noun, verb };
}
