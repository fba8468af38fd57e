import type { ClientSession, Model } from 'mongoose';
import type { Store } from '../../../store/store.ts';
import type { Connection } from '../../kit/connections.ts';
import { type Noun, stripeId } from '../mapping/mapped.ts';
import { stripeModels } from './models.ts';
import type { CustomerRow, MirrorRow } from './rows.ts';

/** The mirror of one connection's objects. Every write is guarded by the version that was read. */
export interface Mirror {
  readonly connection: string;
  readonly tenant: string;
  find(noun: Noun, id: string, session?: ClientSession): Promise<MirrorRow | null>;
  findMany(noun: Noun, ids: readonly string[], session?: ClientSession): Promise<Map<string, MirrorRow>>;
  /** The customer that an object belongs to, by Stripe's id. */
  customer(externalId: string, session?: ClientSession): Promise<CustomerRow | null>;
  insert(noun: Noun, row: MirrorRow, session: ClientSession): Promise<void>;
  /** Sets fields and raises the version; answers the row as it now stands. Throws when the row is no longer the one that was read. */
  change(noun: Noun, row: MirrorRow, set: Partial<MirrorRow>, session: ClientSession): Promise<MirrorRow>;
  /** Notes that a row was confirmed as of a later second. No change: the version stays. */
  confirm(noun: Noun, row: MirrorRow, asOf: number, session: ClientSession): Promise<void>;
  /** A customer's objects that stand under another account than this. */
  misplaced(noun: Noun, customerId: string, accountId: string | null, session: ClientSession): Promise<MirrorRow[]>;
}

/** The mirror of a connection. */
export function openMirror(store: Store, { id: connection, tenant }: Connection): Mirror {
  const models = stripeModels(store.connection) as unknown as Record<Noun, Model<MirrorRow>>;
  const findMany: Mirror['findMany'] = async (noun, ids, session) => {
    const rows = await models[noun]
      .find({ tenant, _id: { $in: [...ids] } }, null, optional(session))
      .lean<MirrorRow[]>();
    return new Map(rows.map((row) => [row._id, row]));
  };
  const find: Mirror['find'] = async (noun, id, session) =>
    models[noun].findOne({ _id: id, tenant }, null, optional(session)).lean<MirrorRow>();
  const guarded = async (noun: Noun, { _id, version }: MirrorRow, set: object, session: ClientSession) => {
    const { matchedCount } = await models[noun].updateOne({ _id, version }, { $set: set }, { session });
    if (matchedCount !== 1) throw new Error('The mirror changed while it was written.');
  };
  return {
    connection,
    tenant,
    find,
    findMany,
    customer: async (externalId, session) =>
      (await find('customer', stripeId(connection, externalId), session)) as CustomerRow | null,
    insert: async (noun, row, session) => {
      await models[noun].insertMany([row], { session });
    },
    change: async (noun, row, set, session) => {
      const next = { ...set, version: row.version + 1 };
      await guarded(noun, row, next, session);
      return { ...row, ...next };
    },
    confirm: (noun, row, asOf, session) => guarded(noun, row, { asOf }, session),
    misplaced: (noun, customerId, accountId, session) =>
      models[noun]
        .find({ tenant, customerId, accountId: { $ne: accountId } } as object, null, { session })
        .lean<MirrorRow[]>()
        .exec(),
  };
}

function optional(session: ClientSession | undefined): { session?: ClientSession } {
  return session ? { session } : {};
}
