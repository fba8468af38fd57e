import DataLoader from 'dataloader';
import type { Row, RowModel } from './row.ts';
import type { SubgraphContext } from './service.ts';

/** Ids asked of the store at once. */
const BATCH = 500;

/**
 * A document of the caller's tenant by id, null when there is none or the id is no text, deleted ones included. All that is asked in one operation
 * and one turn of the event loop is one store command.
 */
export function loadById<R extends Row>(context: SubgraphContext, model: RowModel<R>, id: unknown): Promise<R | null> {
  // A reference comes as the scalar _Any: its id may be of any type.
  if (typeof id !== 'string') return Promise.resolve(null);
  const { tenant } = context.identity;
  const loader = context.loader(`${model.modelName}.byId`, () => {
    const load = async (ids: readonly string[]) => {
      const rows = await findRows(model, { tenant, _id: { $in: ids } });
      const byId = new Map(rows.map((row) => [row._id, row]));
      return ids.map((wanted) => byId.get(wanted) ?? null);
    };
    return new DataLoader<string, R | null>(load, { maxBatchSize: BATCH });
  });
  return loader.load(id);
}

/** Which of the ids stand for a document of the tenant, deleted or not. */
export async function existingIds<R extends Row>(
  model: RowModel<R>,
  tenant: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await model.collection
    .find({ tenant, _id: { $in: ids as never } }, { projection: { _id: 1 } })
    .toArray();
  return rows.map((row) => String(row._id));
}

async function findRows<R extends Row>(model: RowModel<R>, condition: object): Promise<R[]> {
  return (await model.find(condition).lean().exec()) as R[];
}
