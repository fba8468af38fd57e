import { type FieldPicker, toPicker } from '../collection/pick-fields.ts';
import { type Document, isDocument } from '../value/codec.ts';
import type { SortSpec } from './plan.ts';

const LOGICAL = new Set(['$and', '$or', '$nor']);

function rootOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

/** Adds the top-level fields a filter looks at; false when it may look at any. */
function addFields(filter: Document, fields: Set<string>): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === '$comment') return true;
    if (LOGICAL.has(key))
      return Array.isArray(condition) && condition.every((part) => isDocument(part) && addFields(part, fields));
    if (key.startsWith('$')) return false;
    fields.add(rootOf(key));
    return true;
  });
}

/** Picks the top-level fields that a filter looks at; null when it may look at any. */
export function fieldsOfFilter(filter: Document): FieldPicker | null {
  const fields = new Set<string>();
  return addFields(filter, fields) ? toPicker(fields) : null;
}

/** Picks the top-level fields that a sort looks at. */
export function fieldsOfSort(sort: SortSpec): FieldPicker {
  return toPicker(sort.map(([path]) => rootOf(path)));
}
