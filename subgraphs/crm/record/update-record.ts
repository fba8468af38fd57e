import { AppError } from '../../../lib/errors.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import { type Input, type RecordKind, readPatch } from './record-kind.ts';
import { actorOf, type RecordRow } from './record-row.ts';
import { changedFields, findRecord, tellChange, type Writing } from './write-record.ts';

/** Changes the fields an input gives. Nothing is written, and no event told, when they have these values already. */
export async function updateRecord<R extends RecordRow>(
  writing: Writing<R>,
  input: Input,
  errors: UserErrors,
): Promise<R | null> {
  const { kind, session, crm, context } = writing;
  const previous = await findChangeable(writing, input, errors);
  if (!previous) return null;
  const patched = { ...previous, ...readPatch(kind, input, errors) };
  const filled = { ...patched, ...kind.derive(patched) };
  if (!errors.isEmpty) return null;
  await kind.verify({ next: filled, previous, input, session, errors });
  if (!errors.isEmpty) return null;
  const changed = changedFields(kind, previous, filled);
  if (changed.length === 0) return previous;
  const touched = { version: previous.version + 1, updatedAt: new Date(crm.clock.now()), updatedBy: actorOf(context) };
  const next = { ...filled, ...touched };
  const derived = Object.keys(kind.derive(filled));
  await writeFields(writing, previous, next, [...changed, ...derived]);
  await tellChange(writing, 'updated', next, changed);
  return next;
}

/** Deletes softly: the record leaves all lists and stays readable by id. */
export async function deleteRecord<R extends RecordRow>(
  writing: Writing<R>,
  input: Input,
  errors: UserErrors,
): Promise<R | null> {
  const { crm, context } = writing;
  const previous = await findChangeable(writing, input, errors);
  if (!previous) return null;
  const now = new Date(crm.clock.now());
  const touched = { version: previous.version + 1, updatedAt: now, updatedBy: actorOf(context), deletedAt: now };
  const next = { ...previous, ...touched };
  await writeFields(writing, previous, next, ['deletedAt']);
  await tellChange(writing, 'deleted', next, ['deletedAt']);
  return next;
}

/** The record an input means, if it may be changed: there, not deleted, and of the version the caller has seen. */
async function findChangeable<R extends RecordRow>(
  writing: Writing<R>,
  { id = '', ifVersion }: Input,
  errors: UserErrors,
): Promise<R | null> {
  const row = await findRecord(writing, id);
  if (!row) errors.add('NOT_FOUND', 'id', `There is no such ${nounOf(writing.kind)}.`);
  else if (row.deletedAt) errors.add('DELETED', 'id', `The ${nounOf(writing.kind)} is deleted.`);
  else if (typeof ifVersion === 'number' && ifVersion !== row.version)
    errors.add('CONFLICT', 'ifVersion', `It has version ${row.version} by now.`);
  return errors.isEmpty ? row : null;
}

/** The version in the condition is what holds where transactions do not see each other's writes. */
async function writeFields<R extends RecordRow>(
  { kind, session }: Writing<R>,
  previous: R,
  next: R,
  fields: readonly string[],
): Promise<void> {
  const all = [...fields, 'version', 'updatedAt', 'updatedBy'];
  const $set = Object.fromEntries(all.map((field) => [field, next[field as keyof R]]));
  const { _id, tenant, version } = previous;
  const update = { $set } as object;
  const written = await kind.model.updateOne({ _id, tenant, version } as object, update, { session }).exec();
  if (written.matchedCount !== 1) throw new AppError('CONFLICT', 'The record changed while it was being written.');
}

function nounOf({ typename }: Pick<RecordKind<RecordRow>, 'typename'>): string {
  return typename.toLowerCase();
}
