import type { ClientSession } from 'mongoose';
import type { Connection } from '../../kit/connections.ts';
import type { Service } from '../../kit/service.ts';
import type { StripeClients } from '../client.ts';
import { mapObject, type Noun, stripeId } from '../mapping/index.ts';
import { changedFields } from '../mirror/changed.ts';
import type { Candidate } from '../mirror/judge.ts';
import { type Mirror, openMirror } from '../mirror/mirror.ts';
import { toOutboxEntry } from '../mirror/mirror-event.ts';
import type { MirrorRow } from '../mirror/rows.ts';
import { takeCandidate } from '../mirror/take.ts';
import { moveToAccount } from './announce.ts';
import { RESOURCES } from './fetch-candidate.ts';

/** What a resync found. */
export interface ResyncReport {
  /** Objects Stripe listed. */
  readonly seen: number;
  /** Of them, those the mirror did not have. */
  readonly created: number;
  /** Of them, those the mirror had otherwise. */
  readonly updated: number;
}

/** Customers first: they say to which account the others belong. Stripe leaves canceled subscriptions out unless asked. */
const PASSES = [
  { noun: 'customer', where: {} },
  { noun: 'subscription', where: { status: 'all' } },
  { noun: 'invoice', where: {} },
] as const;

/**
 * Compares the mirror of a connection with all that Stripe lists, and takes over what differs, as BACKFILL events.
 * Objects deleted at Stripe are not listed, so their deletion is learnt from events alone.
 */
export async function resync(service: Service<StripeClients>, connection: Connection): Promise<ResyncReport> {
  const mirror = openMirror(service.runtime.store, connection);
  const report = { seen: 0, created: 0, updated: 0 };
  for (const { noun, where } of PASSES) {
    for (let next: string | null = ''; next !== null; ) {
      const query = { where, ...(next === '' ? {} : { startingAfter: next }) };
      const { body, asOf } = await service.client(connection).list(RESOURCES[noun], query);
      const candidates = body.data.map((json) => toCandidate(noun, connection.id, json, asOf));
      const { created, updated } = await takePage(service, mirror, noun, candidates);
      report.seen += candidates.length;
      report.created += created;
      report.updated += updated;
      next = body.next;
    }
  }
  return report;
}

function toCandidate(noun: Noun, connection: string, json: unknown, asOf: number): Candidate {
  return { mapped: mapObject(noun, connection, json), asOf, deleted: false, fetched: true };
}

async function takePage(
  { runtime }: Service<StripeClients>,
  mirror: Mirror,
  noun: Noun,
  candidates: readonly Candidate[],
): Promise<{ created: number; updated: number }> {
  const accounts = await accountsOf(mirror, candidates);
  const held = await mirror.findMany(
    noun,
    candidates.map(({ mapped }) => mapped.id),
  );
  const counts = { created: 0, updated: 0 };
  for (const candidate of candidates) {
    const accountId = accounts.get(candidate.mapped.customer ?? '') ?? null;
    if (!differs(held.get(candidate.mapped.id), candidate, accountId)) continue;
    const outcome = await runtime.store.transaction((session) =>
      takeOver(runtime, mirror, { candidate, accountId }, session),
    );
    if (outcome) counts[outcome] += 1;
  }
  return counts;
}

function differs(row: MirrorRow | undefined, { mapped }: Candidate, accountId: string | null): boolean {
  if (!row) return true;
  const fields = row as unknown as Record<string, unknown>;
  return changedFields(mapped.noun, fields, { accountId, ...mapped.content }).length > 0;
}

async function accountsOf(mirror: Mirror, candidates: readonly Candidate[]): Promise<Map<string, string | null>> {
  const names = [...new Set(candidates.flatMap(({ mapped }) => mapped.customer ?? []))];
  const rows = await mirror.findMany(
    'customer',
    names.map((name) => stripeId(mirror.connection, name)),
  );
  return new Map([...rows.values()].map(({ externalId, accountId }) => [externalId, accountId]));
}

async function takeOver(
  runtime: Service<StripeClients>['runtime'],
  mirror: Mirror,
  { candidate, accountId }: { candidate: Candidate; accountId: string | null },
  session: ClientSession,
): Promise<'created' | 'updated' | null> {
  const taken = await takeCandidate(mirror, candidate, accountId, session);
  if (!taken || taken.changed.length === 0) return null;
  const { noun } = candidate.mapped;
  const verb = taken.isNew ? 'created' : 'updated';
  const entry = toOutboxEntry({ noun, verb, row: taken.row, changed: taken.changed, cause: 'BACKFILL' }, runtime.clock);
  await runtime.store.outbox.append(session, [entry]);
  if (noun === 'customer' && taken.changed.includes('account'))
    await moveToAccount(runtime, mirror, taken.row, 'BACKFILL', session);
  return verb;
}
