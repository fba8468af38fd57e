import type { ClientSession } from 'mongoose';
import type { Cause } from '../../../events/event.ts';
import type { Runtime } from '../../kit/service.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { type MirrorNews, toOutboxEntry } from '../mirror/mirror-event.ts';
import type { MirrorRow } from '../mirror/rows.ts';

/** What a mutation may bring about before its webhook arrives: announced once, by whichever is first. */
const ONCE: ReadonlySet<string> = new Set(['stripe.customer.created', 'stripe.invoice.paid']);

/** Tells of live news through the outbox, unless it is one of those that are told once and has been told. */
export async function announce(
  { store, clock }: Pick<Runtime, 'store' | 'clock'>,
  news: MirrorNews,
  session: ClientSession,
): Promise<void> {
  const entry = toOutboxEntry(news, clock);
  const { type, subject, tenant } = entry.event;
  if (ONCE.has(type) && !(await store.inbox.claim(session, 'stripe.announce', tenant, `${type}/${subject}`))) return;
  await store.outbox.append(session, [entry]);
}

/** Moves a customer's subscriptions and invoices to the account that the customer now names, and tells of each. */
export async function moveToAccount(
  { store, clock }: Pick<Runtime, 'store' | 'clock'>,
  mirror: Mirror,
  customer: MirrorRow,
  cause: Cause,
  session: ClientSession,
): Promise<void> {
  const { accountId } = customer;
  for (const noun of ['subscription', 'invoice'] as const) {
    for (const row of await mirror.misplaced(noun, customer._id, accountId, session)) {
      const moved = await mirror.change(noun, row, { accountId }, session);
      const news: MirrorNews = { noun, verb: 'updated', row: moved, changed: ['account'], cause };
      await store.outbox.append(session, [toOutboxEntry(news, clock)]);
    }
  }
}
