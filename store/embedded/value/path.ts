import { type Document, isDocument } from './codec.ts';

/** A field of the document itself: `constructor` and the like are fields too when they are there, and not when they are not. */
function own(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

/**
 * All values a dotted path reaches, arrays on the way opened; a missing one is undefined, and there is none where an array
 * on the way holds no document. The leaf itself is not opened: `[1, 2]` at the end of the path is one value.
 */
export function reachedValues(document: Document, path: string): unknown[] {
  if (!path.includes('.')) return [own(document, path)];
  const found: unknown[] = [];
  collect(document, path.split('.'), 0, found);
  return found;
}

/** As `reachedValues`, but at least one: undefined. */
export function valuesAt(document: Document, path: string): unknown[] {
  const found = reachedValues(document, path);
  return found.length === 0 ? [undefined] : found;
}

function collect(value: unknown, parts: readonly string[], at: number, found: unknown[]): void {
  if (at === parts.length) {
    found.push(value);
    return;
  }
  const part = parts[at] as string;
  if (isDocument(value)) {
    collect(own(value, part), parts, at + 1, found);
    return;
  }
  if (!Array.isArray(value)) {
    if (value === undefined || at > 0) found.push(undefined);
    return;
  }
  const isIndex = /^\d+$/.test(part);
  if (isIndex && Number(part) < value.length) collect(value[Number(part)], parts, at + 1, found);
  for (const element of value)
    if (isDocument(element) && (!isIndex || Object.hasOwn(element, part))) collect(element, parts, at, found);
}
