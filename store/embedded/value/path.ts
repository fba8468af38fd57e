import { type Document, isDocument } from './codec.ts';

/**
 * All values a dotted path reaches, arrays on the way opened; a missing one is undefined.
 * The leaf itself is not opened: `[1, 2]` at the end of the path is one value.
 */
export function valuesAt(document: Document, path: string): unknown[] {
  if (!path.includes('.')) return [document[path]];
  const found: unknown[] = [];
  collect(document, path.split('.'), 0, found);
  return found.length === 0 ? [undefined] : found;
}

function collect(value: unknown, parts: readonly string[], at: number, found: unknown[]): void {
  if (at === parts.length) {
    found.push(value);
    return;
  }
  const part = parts[at] as string;
  if (isDocument(value)) {
    collect(value[part], parts, at + 1, found);
    return;
  }
  if (!Array.isArray(value)) {
    if (value === undefined || at > 0) found.push(undefined);
    return;
  }
  const isIndex = /^\d+$/.test(part);
  if (isIndex && Number(part) < value.length) collect(value[Number(part)], parts, at + 1, found);
  for (const element of value)
    if (isDocument(element) && (!isIndex || part in element)) collect(element, parts, at, found);
}

/** Whether an array stands anywhere on or at the end of the path. */
export function meetsArray(document: Document, path: string): boolean {
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (Array.isArray(value)) return true;
    if (!isDocument(value)) return false;
    value = value[part];
  }
  return Array.isArray(value);
}
