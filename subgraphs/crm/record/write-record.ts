import type { ClientSession } from 'mongoose';
import { toChangeEvent } from '../../kit/change-event.ts';
import type { SubgraphContext } from '../../kit/service.ts';
import type { Crm } from '../client.ts';
import type { RecordKind } from './record-kind.ts';
import type { RecordRow } from './record-row.ts';

/** One mutation of one kind of record, as its steps share it. */
export interface Writing<R extends RecordRow> {
  readonly crm: Crm;
  readonly kind: RecordKind<R>;
  readonly context: SubgraphContext;
  readonly session: ClientSession;
}

/** The record of the caller's tenant, deleted or not. */
export async function findRecord<R extends RecordRow>(
  { kind, context, session }: Writing<R>,
  id: string,
): Promise<R | null> {
  const { tenant } = context.identity;
  return (await kind.model.findOne({ _id: id, tenant }).session(session).lean().exec()) as R | null;
}

/** Appends the event of a change to the outbox, in the transaction of the change. */
export async function tellChange<R extends RecordRow>(
  { crm, kind, context, session }: Writing<R>,
  verb: 'created' | 'updated' | 'deleted',
  row: R,
  changed: readonly string[],
): Promise<void> {
  const event = toChangeEvent(
    {
      service: 'crm',
      type: `${kind.topic}.${verb}`,
      typename: kind.typename,
      id: row._id,
      tenant: context.identity.tenant,
      version: row.version,
      changed: changed.map((field) => kind.graphNames[field] ?? field),
      facts: kind.facts(row),
    },
    crm.clock,
  );
  await crm.store.outbox.append(session, [{ topic: kind.topic, event }]);
}

/** The kind's own stored fields, derived ones aside, whose values differ. */
export function changedFields<R extends RecordRow>(kind: RecordKind<R>, previous: R, next: R): string[] {
  return Object.keys(kind.readers).filter(
    (field) => comparable(previous[field as keyof R]) !== comparable(next[field as keyof R]),
  );
}

/** The driver gives int64 back as a number while it is safe, and we write it as a bigint. */
function comparable(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
}
