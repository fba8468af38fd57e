import { MongoError } from '../mongo-error.ts';
import type { Predicate } from '../query/operators.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** Parts of a path at most: as deep as documents may be nested. */
const MAX_DEPTH = 200;

/** A path without placeholders, part by part. */
export type Path = readonly string[];

/** What the placeholders of an update path stand for. */
export interface Placeholders {
  /** `$[name]`: whether an element is meant. */
  readonly filters: ReadonlyMap<string, (element: unknown) => boolean>;
  /** `$`: the index of the element the query matched, for the array at a path; null when the query did not. */
  readonly matchedIndex: (arrayPath: Path) => number | null;
}

type Container = Document | unknown[];

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isDocument(value);
}

function member(container: Container, part: string): unknown {
  if (Array.isArray(container)) return /^\d+$/.test(part) ? container[Number(part)] : undefined;
  return Object.hasOwn(container, part) ? container[part] : undefined;
}

/** The value at a path, or undefined. */
export function getAt(document: Document, path: Path): unknown {
  let value: unknown = document;
  for (const part of path) {
    if (!isContainer(value)) return undefined;
    value = member(value, part);
  }
  return value;
}

function put(container: Container, part: string, value: unknown): void {
  if (Array.isArray(container)) {
    if (!/^\d+$/.test(part)) throw new MongoError('PathNotViable', `Cannot create field '${part}' in an array element`);
    const at = Number(part);
    if (at > container.length + 1_500_000) throw new MongoError('BadValue', `Array index ${part} is too far out`);
    while (container.length < at) container.push(null);
    container[at] = value;
    return;
  }
  if (part === '__proto__') throw new MongoError('BadValue', 'A field cannot be called __proto__');
  container[part] = value;
}

/** Sets the value at a path, making documents on the way. MongoError PathNotViable when a scalar is in the way. */
export function setAt(document: Document, path: Path, value: unknown): void {
  let container: Container = document;
  for (const [at, part] of path.entries()) {
    if (at === path.length - 1) {
      put(container, part, value);
      return;
    }
    let next = member(container, part);
    if (next === undefined) {
      next = {};
      put(container, part, next);
    }
    if (!isContainer(next))
      throw new MongoError(
        'PathNotViable',
        `Cannot create field '${path[at + 1]}' in element {${part}: ${String(next)}}`,
      );
    container = next;
  }
}

/** Removes the field at a path; an array element becomes null, as in MongoDB. */
export function unsetAt(document: Document, path: Path): void {
  const container = getAt(document, path.slice(0, -1));
  const part = path.at(-1) as string;
  if (Array.isArray(container)) {
    if (/^\d+$/.test(part) && Number(part) < container.length) container[Number(part)] = null;
  } else if (isDocument(container)) delete container[part];
}

function elements(document: Document, path: Path, part: string): unknown[] {
  const array = getAt(document, path);
  if (!Array.isArray(array))
    throw new MongoError('BadValue', `The path '${path.join('.')}' must exist and be an array to apply '${part}'`);
  return array;
}

function expandPart(document: Document, path: Path, part: string, placeholders: Placeholders): Path[] {
  if (part === '$') {
    const index = placeholders.matchedIndex(path);
    if (index === null)
      throw new MongoError('BadValue', 'The positional operator did not find the match needed from the query.');
    return [[...path, String(index)]];
  }
  const named = /^\$\[(.*)\]$/.exec(part);
  if (!named) return [[...path, part]];
  const array = elements(document, path, part);
  const name = named[1] as string;
  const filter = name === '' ? () => true : placeholders.filters.get(name);
  if (!filter) throw new MongoError('BadValue', `No array filter found for identifier '${name}'`);
  return array.flatMap((element, at) => (filter(element) ? [[...path, String(at)]] : []));
}

/** All paths a dotted path with placeholders stands for in a document. */
export function expandPath(document: Document, dotted: string, placeholders: Placeholders): Path[] {
  const parts = dotted.split('.');
  if (parts.length > MAX_DEPTH) throw new MongoError('Overflow', `The update path has more than ${MAX_DEPTH} parts`);
  if (parts.includes('')) throw new MongoError('BadValue', `The update path '${dotted}' contains an empty field name`);
  let paths: Path[] = [[]];
  for (const part of parts) paths = paths.flatMap((path) => expandPart(document, path, part, placeholders));
  return paths;
}

/** The index of the array element by which a document matched, for `$` in update paths. */
export function matchedIndexOf(
  document: Document,
  arrayPath: Path,
  filter: Document,
  compile: (filter: Document) => Predicate,
): number | null {
  const array = getAt(document, arrayPath);
  if (!Array.isArray(array)) return null;
  const dotted = arrayPath.join('.');
  const relevant = conditionsOn(filter, dotted);
  if (relevant.length === 0) return null;
  const test = compile({ $and: relevant });
  const at = array.findIndex((element) => {
    const probe: Document = {};
    setAt(probe, arrayPath, [element]);
    return test(probe);
  });
  return at === -1 ? null : at;
}

function conditionsOn(filter: Document, dotted: string): Document[] {
  return Object.entries(filter).flatMap(([key, condition]) => {
    if (key === '$and' && Array.isArray(condition)) return condition.flatMap((part) => conditionsOn(part, dotted));
    return key === dotted || key.startsWith(`${dotted}.`) ? [{ [key]: condition }] : [];
  });
}
