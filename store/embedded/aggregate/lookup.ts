import type { CollectionDefinition } from '../catalog/definitions.ts';
import { drain } from '../commands/count-distinct.ts';
import type { Reader } from '../disk/reader.ts';
import { find } from '../query/find.ts';
import { planQuery } from '../query/plan.ts';
import { setAt } from '../update/path.ts';
import type { Document } from '../value/codec.ts';
import { valuesAt } from '../value/path.ts';

/** A `$lookup` by equality of two fields and nothing more. */
export interface SimpleLookup {
  readonly from: string;
  readonly localField: string;
  readonly foreignField: string;
  readonly as: string;
}

/** The stage as a simple lookup, or null when it is another. */
export function toSimpleLookup(stage: Document): SimpleLookup | null {
  const lookup = stage['$lookup'] as Document | undefined;
  if (!lookup || lookup['pipeline'] !== undefined || lookup['let'] !== undefined) return null;
  const { from, localField, foreignField, as } = lookup;
  const isSimple = [from, localField, foreignField, as].every((part) => typeof part === 'string');
  return isSimple ? { from, localField, foreignField, as } : null;
}

/** Whether an index finds the foreign documents. */
export function isIndexed(foreign: CollectionDefinition, { foreignField }: SimpleLookup): boolean {
  const plan = planQuery(foreign, { [foreignField]: 1 }, []);
  return plan.index !== null || foreignField === '_id';
}

/** Adds to each document the foreign ones it refers to, found one document at a time by index. */
export async function lookUp(
  reader: Reader,
  foreign: CollectionDefinition,
  lookup: SimpleLookup,
  documents: readonly Document[],
): Promise<Document[]> {
  const result: Document[] = [];
  for (const document of documents) {
    const values = valuesAt(document, lookup.localField).flat(1);
    const wanted = values.map((value) => value ?? null);
    const found: Document[] = [];
    const query = { filter: { [lookup.foreignField]: wanted.length === 1 ? { $eq: wanted[0] } : { $in: wanted } } };
    await drain(find(reader, foreign, query).documents, (stored) => found.push(stored.document));
    const joined = { ...document };
    setAt(joined, lookup.as.split('.'), found);
    result.push(joined);
  }
  return result;
}
