import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';

/** What an update changed, as a change stream tells it. */
export interface UpdateDescription {
  readonly updatedFields: Document;
  readonly removedFields: string[];
  readonly truncatedArrays: unknown[];
}

function compare(before: Document, after: Document, prefix: string, into: UpdateDescription): void {
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    const path = prefix + key;
    if (isDocument(old) && isDocument(value)) compare(old, value, `${path}.`, into);
    else if (!(key in before) || !isEqualValue(old, value)) into.updatedFields[path] = value;
  }
  for (const key of Object.keys(before)) if (!(key in after)) into.removedFields.push(prefix + key);
}

/** The fields in which two versions of a document differ, as dotted paths; arrays count as one value. */
export function differenceOf(before: Document, after: Document): UpdateDescription {
  const description: UpdateDescription = { updatedFields: {}, removedFields: [], truncatedArrays: [] };
  compare(before, after, '', description);
  return description;
}
