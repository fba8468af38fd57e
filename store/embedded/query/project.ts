import { Query } from 'mingo/query';
import { guarded, toMingo } from '../aggregate/expressions.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

type Project = (document: Document) => Document;

/** A projection as a tree: true leaves, documents on the way. */
interface Tree {
  [name: string]: true | Tree;
}

function toTree(paths: readonly string[]): Tree {
  const tree: Tree = {};
  for (const path of paths) {
    const parts = path.split('.');
    let node = tree;
    for (const part of parts.slice(0, -1)) {
      const next = node[part];
      if (next === true) throw new MongoError('BadValue', `Path collision at ${path}`);
      node[part] = next ?? {};
      node = node[part] as Tree;
    }
    node[parts.at(-1) as string] = true;
  }
  return tree;
}

function include(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value))
    return value.filter((it) => isDocument(it) || Array.isArray(it)).map((it) => include(it, tree));
  if (!isDocument(value)) return undefined;
  const kept: Document = {};
  for (const name of Object.keys(value)) {
    const node = Object.hasOwn(tree, name) ? tree[name] : undefined;
    if (node === undefined) continue;
    const part = node === true ? value[name] : include(value[name], node);
    if (part !== undefined) kept[name] = part;
  }
  return kept;
}

function exclude(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((it) => exclude(it, tree));
  if (!isDocument(value)) return value;
  const kept: Document = {};
  for (const name of Object.keys(value)) {
    const node = Object.hasOwn(tree, name) ? tree[name] : undefined;
    if (node !== true) kept[name] = node === undefined ? value[name] : exclude(value[name], node);
  }
  return kept;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'number';
}

/** Compiles a projection; null when it leaves documents as they are. Expressions, `$slice`, `$elemMatch` and `$` go to mingo. */
export function compileProjection(projection: unknown, filter: Document): Project | null {
  if (!isDocument(projection) || Object.keys(projection).length === 0) return null;
  const entries = Object.entries(projection);
  if (!entries.every(([path, value]) => isPlain(value) && !path.includes('$')))
    return (document) =>
      guarded(
        () => new Query(filter as never, toMingo({})).find([document], projection as never).next() ?? document,
      ) as Document;
  const fields = entries.filter(([path]) => path !== '_id');
  const kinds = new Set(fields.map(([, value]) => Boolean(value)));
  if (kinds.size > 1) throw new MongoError('BadValue', 'Cannot mix inclusion and exclusion in a projection');
  const keepsId = projection['_id'] === undefined || Boolean(projection['_id']);
  const isInclusion = fields.length > 0 ? kinds.has(true) : keepsId;
  const paths = fields.map(([path]) => path);
  if (isInclusion) {
    const tree = toTree(keepsId ? ['_id', ...paths] : paths);
    return (document) => include(document, tree) as Document;
  }
  const tree = toTree(keepsId ? paths : ['_id', ...paths]);
  return (document) => exclude(document, tree) as Document;
}
