import type { ClientSession } from 'mongoose';
import type { RowModel } from '../../kit/row.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import type { RecordRow } from './record-row.ts';

/**
 * The record an input refers to. Adds NOT_FOUND, for another tenant's id as for one that never was, or DELETED, and gives null.
 */
export async function checkReference<R extends RecordRow>(
  model: RowModel<R>,
  { tenant, id, path }: { tenant: string; id: string; path: string },
  session: ClientSession,
  errors: UserErrors,
): Promise<R | null> {
  const row = (await model.findOne({ _id: id, tenant }).session(session).lean().exec()) as R | null;
  if (row && !row.deletedAt) return row;
  errors.add(row ? 'DELETED' : 'NOT_FOUND', path, row ? 'That record is deleted.' : 'There is no such record.');
  return null;
}
