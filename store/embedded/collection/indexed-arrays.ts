import type { IndexDefinition } from '../catalog/definitions.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** The first array on a path or at its end, as the parts that lead to it; null when there is none. */
function arrayOn(document: Document, path: string): string | null {
  if (!path.includes('.')) return Array.isArray(document[path]) ? path : null;
  const parts = path.split('.');
  let value: unknown = document;
  for (const [at, part] of parts.entries()) {
    if (!isDocument(value)) return null;
    value = value[part];
    if (Array.isArray(value)) return parts.slice(0, at + 1).join('.');
  }
  return null;
}

/** The path of the array that the indexed fields lead to or through; null when none does. MongoError CannotIndexParallelArrays. */
export function arrayOnTheWay(index: IndexDefinition, document: Document): string | null {
  let found: string | null = null;
  for (const [path] of index.fields) {
    const array = arrayOn(document, path);
    if (array !== null && found !== null && array !== found)
      throw new MongoError('CannotIndexParallelArrays', `cannot index parallel arrays [${found}] [${array}]`);
    found = array ?? found;
  }
  return found;
}

function withElement(value: Document, parts: readonly string[], element: unknown): Document {
  const [part, ...rest] = parts as readonly [string, ...string[]];
  return { ...value, [part]: rest.length === 0 ? [element] : withElement(value[part], rest, element) };
}

/**
 * The document once for each element of the array, with that element alone in it, when several fields of the index lie in the
 * array: their values go together element by element. The document as it is when one field does, or a field names a place.
 */
export function eachElement(index: IndexDefinition, document: Document, array: string): Document[] {
  const inside = index.fields.filter(([path]) => path === array || path.startsWith(`${array}.`));
  const namesPlace = inside.some(([path]) => /\.\d+(\.|$)/.test(path.slice(array.length)));
  if (inside.length < 2 || namesPlace) return [document];
  const parts = array.split('.');
  const elements = parts.reduce<unknown>((value, part) => (value as Document)[part], document) as unknown[];
  return elements.length === 0 ? [document] : elements.map((element) => withElement(document, parts, element));
}
