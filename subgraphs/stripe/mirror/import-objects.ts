import type { Model } from 'mongoose';
import type { Store } from '../../../store/store.ts';
import type { Connection } from '../../kit/connections.ts';
import { isMirrored, type Mapped, mapObject, type Noun, stripeId } from '../mapping/index.ts';
import { stripeModels } from './models.ts';
import type { MirrorRow } from './rows.ts';
import { toRow } from './take.ts';

/** Rows written at once. */
const BATCH = 1_000;

/**
 * Fills the mirror of a connection with objects as the API gives them; other kinds than the mirrored are passed over.
 * Adds what is missing and leaves the rest as it is, so it may be repeated. Tells nobody: no events. Answers how many were added.
 */
export async function importStripeObjects(
  store: Store,
  connection: Pick<Connection, 'id' | 'tenant'>,
  objects: readonly { readonly object: string; readonly [field: string]: unknown }[],
): Promise<number> {
  const models = stripeModels(store.connection) as unknown as Record<Noun, Model<MirrorRow>>;
  const mapped = objects.flatMap((json) =>
    isMirrored(json.object) ? [mapObject(json.object, connection.id, json)] : [],
  );
  const rows = toRows(mapped, connection);
  let added = 0;
  for (const noun of ['customer', 'subscription', 'invoice'] as const) {
    await models[noun].init();
    const ofNoun = rows.filter((row) => row.noun === noun).map(({ row }) => row);
    for (let from = 0; from < ofNoun.length; from += BATCH)
      added += await insertMissing(models[noun], ofNoun.slice(from, from + BATCH));
  }
  return added;
}

function toRows(mapped: readonly Mapped[], { id, tenant }: Pick<Connection, 'id' | 'tenant'>) {
  const accounts = new Map(
    mapped.filter(({ noun }) => noun === 'customer').map((one) => [one.id, one.content['accountId'] as string | null]),
  );
  return mapped.map((one) => {
    const accountId = one.customer === null ? null : (accounts.get(stripeId(id, one.customer)) ?? null);
    const candidate = { mapped: one, asOf: 0, deleted: false, fetched: true };
    return { noun: one.noun, row: toRow(candidate, { accountId, ...one.content }, { connection: id, tenant }) };
  });
}

async function insertMissing(model: Model<MirrorRow>, rows: readonly MirrorRow[]): Promise<number> {
  const ids = rows.map(({ _id }) => _id);
  const found = await model.find({ _id: { $in: ids } }, { _id: 1 }).lean<{ _id: string }[]>();
  const known = new Set(found.map(({ _id }) => _id));
  const missing = rows.filter(({ _id }) => !known.has(_id));
  if (missing.length > 0) await model.collection.insertMany(missing as never[]);
  return missing.length;
}
