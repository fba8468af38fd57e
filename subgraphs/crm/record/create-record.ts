import { newId } from '../../../lib/ids.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import { type Input, readPatch } from './record-kind.ts';
import { actorOf, type RecordRow } from './record-row.ts';
import { changedFields, tellChange, type Writing } from './write-record.ts';

/** Makes a record: reads, checks, writes it and tells of it. Null, with user errors, when the input does not do. */
export async function createRecord<R extends RecordRow>(
  writing: Writing<R>,
  input: Input,
  errors: UserErrors,
): Promise<R | null> {
  const { kind, session } = writing;
  const blank = blankRecord(writing);
  const filled = { ...blank, ...readPatch(kind, withoutNulls(input), errors) };
  const next = { ...filled, ...kind.derive(filled) };
  if (!errors.isEmpty) return null;
  await kind.verify({ next, previous: null, input, session, errors });
  if (!errors.isEmpty) return null;
  await kind.model.insertMany([next], { session });
  await tellChange(writing, 'created', next, changedFields(kind, blank, next));
  return next;
}

/** In a new record nothing is emptied: null is what absent is. */
function withoutNulls(input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

function blankRecord<R extends RecordRow>({ crm, kind, context }: Writing<R>): R {
  const now = crm.clock.now();
  const actor = actorOf(context);
  const record: RecordRow = {
    _id: newId(kind.prefix, now),
    tenant: context.identity.tenant,
    version: 1,
    createdAt: new Date(now),
    updatedAt: new Date(now),
    createdBy: actor,
    updatedBy: actor,
    deletedAt: null,
  };
  return { ...record, ...kind.empty } as R;
}
