import { type ClientSession, mongo } from 'mongoose';
import type { Mapped } from '../mapping/mapped.ts';
import { changedFields } from './changed.ts';
import { type Candidate, judge } from './judge.ts';
import type { Mirror } from './mirror.ts';
import type { MirrorRow } from './rows.ts';

/** What became of a candidate. */
export interface Taken {
  /** As it now stands. */
  readonly row: MirrorRow;
  /** The graph's names of the fields that changed; all of them for a new row, none when nothing was written. */
  readonly changed: readonly string[];
  readonly isNew: boolean;
}

/** Writes a candidate into the mirror when it is newer than what is held. Null when that is in doubt; then nothing was written. */
export async function takeCandidate(
  mirror: Mirror,
  candidate: Candidate,
  accountId: string | null,
  session: ClientSession,
): Promise<Taken | null> {
  const { mapped, asOf } = candidate;
  const { noun } = mapped;
  const content = { accountId, ...mapped.content };
  const held = await mirror.find(noun, mapped.id, session);
  if (!held) {
    const row = toRow(candidate, content, mirror);
    await mirror.insert(noun, row, session).catch(toTransient);
    return { row, changed: changedFields(noun, {}, content), isNew: true };
  }
  const verdict = judge({ ...held, content: pick(held, mapped.content) }, candidate);
  if (verdict === 'doubt') return null;
  if (verdict === 'older') return { row: held, changed: [], isNew: false };
  const changed = changedFields(noun, pick(held, content), content);
  if (candidate.deleted && !held.deletedAt) changed.push('deleted');
  if (changed.length === 0) {
    if (asOf > held.asOf) await mirror.confirm(noun, held, asOf, session);
    return { row: held, changed, isNew: false };
  }
  const set = { ...content, asOf: Math.max(asOf, held.asOf), deletedAt: held.deletedAt ?? toDeletedAt(candidate) };
  return { row: await mirror.change(noun, held, set, session), changed, isNew: false };
}

/** A new row of the mirror. */
export function toRow(
  candidate: Candidate,
  content: object,
  { connection, tenant }: { readonly connection: string; readonly tenant: string },
): MirrorRow {
  const { mapped, asOf } = candidate;
  return {
    _id: mapped.id,
    tenant,
    connection,
    externalId: mapped.externalId,
    createdAt: mapped.createdAt,
    accountId: null,
    ...content,
    version: 1,
    asOf,
    deletedAt: toDeletedAt(candidate),
  };
}

function toDeletedAt({ deleted, asOf }: Candidate): Date | null {
  return deleted ? new Date(asOf * 1_000) : null;
}

function pick(row: MirrorRow, content: Mapped['content']): Record<string, unknown> {
  const fields = row as unknown as Record<string, unknown>;
  return Object.fromEntries(Object.keys(content).map((name) => [name, fields[name]]));
}

/** Two first sights of one object that race end in a duplicate key, once: the transaction is to run again, and then finds the row. */
function toTransient(error: unknown): never {
  if (error instanceof mongo.MongoServerError && error.code === 11_000)
    error.addErrorLabel('TransientTransactionError');
  throw error;
}
