import { ObjectId } from 'bson';
import { isOperatorDocument } from '../query/filter.ts';
import { clone, type Document, isDocument } from '../value/codec.ts';
import { applyUpdate, isReplacement, type UpdateSpec } from './apply-update.ts';
import { setAt } from './path.ts';

/** Fields an upsert takes from its query: those held equal to one value. */
function seed(filter: Document, document: Document): void {
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(condition)) {
      for (const part of condition) seed(part, document);
    } else if (key === '$or' && Array.isArray(condition) && condition.length === 1) seed(condition[0], document);
    else if (!key.startsWith('$')) {
      const value = equalTo(condition);
      if (value !== undefined) setAt(document, key.split('.'), clone(value));
    }
  }
}

function equalTo(condition: unknown): unknown {
  if (condition instanceof RegExp) return undefined;
  if (!isOperatorDocument(condition)) return condition;
  if ('$eq' in condition) return condition['$eq'];
  const list = condition['$in'] ?? condition['$all'];
  return Array.isArray(list) && list.length === 1 && !isDocument(list[0]) ? list[0] : undefined;
}

/** The document an upsert inserts when nothing matched. `now` in milliseconds. */
export function toUpserted(spec: UpdateSpec, now: number): Document {
  const from: Document = {};
  if (isReplacement(spec.update)) {
    const ids: Document = {};
    seed(spec.filter, ids);
    if ('_id' in ids) from['_id'] = ids['_id'];
  } else seed(spec.filter, from);
  const after = applyUpdate(from, spec, { now, inserting: true });
  const { _id = new ObjectId(), ...fields } = after;
  return { _id, ...fields };
}
