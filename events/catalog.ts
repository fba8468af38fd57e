import { z } from 'zod';
import type { TopicSpec } from './bus.ts';

/** A topic of the catalog: one noun, its verbs, and what each verb's event carries. */
export interface CatalogTopic {
  readonly partitions: number;
  readonly retentionMs: number;
  /** Of each partition; what a disk must have room for, whatever the age. */
  readonly retentionBytes: number;
  readonly summary: string;
  /** Event type → schema of its data. Empty for a raw topic, whose values are a vendor's own bytes. */
  readonly types: Readonly<Record<string, z.ZodType>>;
}

const DAY_MS = 24 * 3_600_000;
const MIB = 1_048_576;
const PARTITIONS = 4;

/** The data of an event type: the four fields every event has, this noun's key and type name, and facts to filter by. */
function dataOf<Facts extends z.ZodRawShape>(typename: string, type: string, facts: Facts) {
  return z.strictObject({
    __typename: z.literal(typename),
    id: z.string().min(1),
    type: z.literal(type),
    version: z.int().min(0),
    changed: z.array(z.string().min(1)),
    ...facts,
  });
}

/** A topic `service.noun` with one event type per verb, all with the same facts. */
function noun(topic: string, typename: string, verbs: readonly string[], summary: string, facts: z.ZodRawShape = {}) {
  const types = verbs.map((verb) => `${topic}.${verb}`).map((type) => [type, dataOf(typename, type, facts)]);
  const kept = { retentionMs: 7 * DAY_MS, retentionBytes: 512 * MIB };
  return { partitions: PARTITIONS, ...kept, summary, types: Object.fromEntries(types) };
}

const RECORD = ['created', 'updated', 'deleted'];
/** The CRM account it belongs to, when one is linked. */
const accountId = z.string().min(1).nullable();
const customerId = z.string().min(1);
const status = z.string().min(1);

/** Every topic and every event type there is: the whole vocabulary. docs/events.md is tested against it. */
export const CATALOG: Readonly<Record<string, CatalogTopic>> = {
  'crm.account': noun('crm.account', 'Account', RECORD, 'A customer organisation of the CRM changed.'),
  'crm.contact': noun('crm.contact', 'Contact', RECORD, 'A person at an account changed.', { accountId }),
  'stripe.customer': noun('stripe.customer', 'StripeCustomer', RECORD, 'A Stripe customer changed.', { accountId }),
  'stripe.subscription': noun('stripe.subscription', 'StripeSubscription', RECORD, 'A Stripe subscription changed.', {
    accountId,
    customerId,
    status,
  }),
  'stripe.invoice': noun(
    'stripe.invoice',
    'StripeInvoice',
    ['created', 'updated', 'finalized', 'paid', 'payment-failed', 'voided', 'marked-uncollectible', 'deleted'],
    'A Stripe invoice changed.',
    { accountId, customerId, status },
  ),
  'stripe.inbound': {
    partitions: PARTITIONS,
    retentionMs: 14 * DAY_MS,
    retentionBytes: 1_024 * MIB,
    summary: 'Stripe webhooks as they arrived: the verified bytes, before anything is made of them.',
    types: {},
  },
};

/** The catalog's topics as a broker is asked to make them. */
export function catalogTopics(): TopicSpec[] {
  return Object.entries(CATALOG).map(([name, { partitions, retentionMs, retentionBytes }]) => ({
    name,
    partitions,
    retentionMs,
    retentionBytes,
  }));
}
