import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { compileExpression, type Variables } from './expressions.ts';

type Evaluate = (document: Document) => unknown;
type Node = Evaluate | Map<string, Node>;

const isExpression = (value: unknown) => isDocument(value) && Object.keys(value)[0]?.startsWith('$') === true;

function add(tree: Map<string, Node>, path: string, value: unknown, variables: Variables): void {
  const parts = path.split('.');
  if (parts.some((part) => part === '' || part.startsWith('$') || part === '__proto__'))
    throw new MongoError('BadValue', `FieldPath '${path}' is no name of a field`);
  let node = tree;
  for (const part of parts.slice(0, -1)) {
    const next = node.get(part) ?? new Map<string, Node>();
    if (typeof next === 'function') throw new MongoError('BadValue', `Path collision at ${path}`);
    node.set(part, next);
    node = next;
  }
  const last = parts.at(-1) as string;
  if (node.has(last)) throw new MongoError('BadValue', `Path collision at ${path}`);
  if (!isDocument(value) || isExpression(value) || Object.keys(value).length === 0) {
    node.set(last, compileExpression(value, variables));
    return;
  }
  const inner = new Map<string, Node>();
  node.set(last, inner);
  for (const [name, member] of Object.entries(value)) add(inner, name, member, variables);
}

function within(value: unknown, tree: Map<string, Node>, root: Document): unknown {
  if (Array.isArray(value)) return value.map((element) => within(element, tree, root));
  const result: Document = isDocument(value) ? { ...value } : {};
  for (const [name, node] of tree) {
    const set = typeof node === 'function' ? node(root) : within(result[name], node, root);
    if (set === undefined) delete result[name];
    else result[name] = set;
  }
  return result;
}

/**
 * Sets fields to the values of expressions, all seen from the document as it was; in arrays on the way, in each element.
 * A missing value removes the field. https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/
 */
export function compileSetFields(specification: unknown, variables: Variables): (document: Document) => Document {
  if (!isDocument(specification) || Object.keys(specification).length === 0)
    throw new MongoError('BadValue', '$addFields specification must be an object with at least one field');
  const tree = new Map<string, Node>();
  for (const [path, value] of Object.entries(specification)) add(tree, path, value, variables);
  return (document) => within(document, tree, document) as Document;
}
