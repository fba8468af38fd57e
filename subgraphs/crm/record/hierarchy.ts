import { type ClientSession, type Connection, Schema } from 'mongoose';
import type { RowModel } from '../../kit/row.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import type { RecordRow } from './record-row.ts';

/** Lets one transaction at a time change a tenant's hierarchy: two that read the old one could close a cycle together. */
export interface HierarchyLock {
  take(name: string, tenant: string, session: ClientSession): Promise<void>;
}

const schema = new Schema({ _id: String, tenant: String, changes: Number }, { versionKey: false });

/** A lock that is one counted document for each tenant and hierarchy: writing it makes concurrent transactions conflict. */
export function createHierarchyLock(connection: Connection): HierarchyLock {
  const model = connection.models['CrmHierarchy'] ?? connection.model('CrmHierarchy', schema, 'crm_hierarchies');
  return {
    async take(name, tenant, session) {
      const _id = `${tenant}:${name}`;
      await model.updateOne({ _id, tenant }, { $inc: { changes: 1 } }, { upsert: true, session }).exec();
    },
  };
}

/** How high a hierarchy may be. */
const MAX_HEIGHT = 50;

/** A link from a record to the one above it. */
export interface UpwardLink<R extends RecordRow> {
  readonly model: RowModel<R>;
  readonly tenant: string;
  /** The record that gets a new superior. */
  readonly id: string;
  readonly superiorId: string;
  readonly above: (row: R) => string | null;
  /** Where in the input. */
  readonly path: string;
}

/** Adds CYCLE when the superior, or one above it, is the record itself. */
export async function checkNoCycle<R extends RecordRow>(
  { model, tenant, id, superiorId, above, path }: UpwardLink<R>,
  session: ClientSession,
  errors: UserErrors,
): Promise<void> {
  let current: string | null = superiorId;
  for (let height = 0; current !== null && height < MAX_HEIGHT; height += 1) {
    if (current === id) return errors.add('CYCLE', path, 'The record would stand above itself.');
    const row = (await model.findOne({ _id: current, tenant }).session(session).lean().exec()) as R | null;
    current = row ? above(row) : null;
  }
  if (current !== null) errors.add('CYCLE', path, `The hierarchy would be more than ${MAX_HEIGHT} high.`);
}
