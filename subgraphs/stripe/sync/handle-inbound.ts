import type { ClientSession } from 'mongoose';
import type { BusRecord } from '../../../events/bus.ts';
import type { Service } from '../../kit/service.ts';
import type { StripeClient, StripeClients } from '../client.ts';
import type { Candidate } from '../mirror/judge.ts';
import { type Mirror, openMirror } from '../mirror/mirror.ts';
import { type Taken, takeCandidate } from '../mirror/take.ts';
import { announce, moveToAccount } from './announce.ts';
import { fetchCustomer, refetch } from './fetch-candidate.ts';
import { type InboundEvent, readInboundEvent } from './inbound-event.ts';

/** The consumer that claims Stripe's event ids, and the group that reads them. */
export const CONSUMER = 'stripe.sync';

/** Rolls a transaction back when only the API can tell what is newer. */
class InDoubt extends Error {}

/**
 * Brings one webhook into the mirror, once however often it comes: the claim of its id, the mirror's change and the events
 * that tell of it are one transaction. What Stripe's order leaves in doubt is read from the API first (see `judge`).
 */
export async function handleInbound(service: Service<StripeClients>, record: BusRecord): Promise<void> {
  const event = readInboundEvent(record, service.runtime.connections);
  const mirror = openMirror(service.runtime.store, event.connection);
  const client = service.client(event.connection);
  const customer = await unknownCustomer(mirror, client, event);
  try {
    await settle(service, mirror, event, event.candidate, customer);
  } catch (error) {
    if (!(error instanceof InDoubt)) throw error;
    const fetched = await refetch(client, event.connection.id, event.candidate);
    await settle(service, mirror, event, fetched, customer);
  }
}

/** The customer that the mirror has never seen, from the API: it says to which account the object belongs. */
async function unknownCustomer(mirror: Mirror, client: StripeClient, event: InboundEvent): Promise<Candidate | null> {
  const { customer } = event.candidate.mapped;
  if (customer === null || (await mirror.customer(customer))) return null;
  return fetchCustomer(client, mirror.connection, customer);
}

async function settle(
  { runtime }: Service<StripeClients>,
  mirror: Mirror,
  event: InboundEvent,
  candidate: Candidate,
  customer: Candidate | null,
): Promise<void> {
  await runtime.store.transaction(async (session) => {
    if (!(await runtime.store.inbox.claim(session, CONSUMER, mirror.tenant, event.id))) return;
    if (customer) await takeCandidate(mirror, customer, null, session);
    const taken = await takeCandidate(mirror, candidate, await accountOf(mirror, candidate, session), session);
    if (!taken) throw new InDoubt();
    if (isNews(event, taken)) await announce(runtime, toNews(event, taken), session);
    if (event.meaning.noun === 'customer' && taken.changed.includes('account'))
      await moveToAccount(runtime, mirror, taken.row, 'LIVE', session);
  });
}

async function accountOf(mirror: Mirror, { mapped }: Candidate, session: ClientSession): Promise<string | null> {
  if (mapped.customer === null) return null;
  return (await mirror.customer(mapped.customer, session))?.accountId ?? null;
}

/** That something changed is no news when nothing did. Every other verb is news, however late it comes. */
function isNews({ meaning }: InboundEvent, { changed }: Taken): boolean {
  return meaning.verb !== 'updated' || changed.length > 0;
}

function toNews({ meaning, created }: InboundEvent, { row, changed }: Taken) {
  return { ...meaning, row, changed, cause: 'LIVE', at: new Date(created * 1_000) } as const;
}
