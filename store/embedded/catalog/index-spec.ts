import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, encode, isDocument } from '../value/codec.ts';
import type { IndexDefinition } from './definitions.ts';

/** Options of createIndexes that are honoured, and those that mean nothing here. Any other is refused. */
const OPTIONS = new Set([
  'v',
  'key',
  'name',
  'ns',
  'background',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
]);

function toDirection(path: string, value: unknown): 1 | -1 {
  if (typeof value === 'number' && value !== 0) return value > 0 ? 1 : -1;
  if (typeof value === 'string') throw notSupported(`A ${value} index`);
  throw new MongoError(
    'CannotCreateIndex',
    `Values in the index key pattern must be numbers other than 0; ${path} is not`,
  );
}

function toFields(key: unknown): [string, 1 | -1][] {
  if (!isDocument(key) || Object.keys(key).length === 0)
    throw new MongoError('CannotCreateIndex', 'Index keys cannot be an empty object');
  return Object.entries(key).map(([path, value]) => {
    if (path.includes('$**')) throw notSupported('A wildcard index');
    if (path === '' || path.startsWith('$') || path.split('.').includes(''))
      throw new MongoError('CannotCreateIndex', `Index key contains an illegal field name: '${path}'`);
    return [path, toDirection(path, value)];
  });
}

/** An index definition from what createIndexes was given. `id` is the store of its entries. */
export function toIndexDefinition(spec: Document, id: string): IndexDefinition {
  const unknown = Object.keys(spec).find((option) => !OPTIONS.has(option));
  if (unknown !== undefined) throw notSupported(`The index option ${unknown}`);
  const fields = toFields(spec['key']);
  const name = spec['name'];
  if (typeof name !== 'string' || name === '') throw new MongoError('FailedToParse', 'An index needs a name');
  return {
    id,
    name,
    fields,
    unique: spec['unique'] === true,
    sparse: spec['sparse'] === true,
    partial: isDocument(spec['partialFilterExpression']) ? spec['partialFilterExpression'] : null,
    expireAfterSeconds: typeof spec['expireAfterSeconds'] === 'number' ? spec['expireAfterSeconds'] : null,
    multikey: false,
    ready: false,
  };
}

/** Whether two definitions order and restrict the same way, whatever their names. */
export function isSameIndex(left: IndexDefinition, right: IndexDefinition): boolean {
  const shape = ({ fields, unique, sparse, partial, expireAfterSeconds }: IndexDefinition) =>
    Buffer.from(encode({ fields, unique, sparse, partial, expireAfterSeconds }));
  return shape(left).equals(shape(right));
}

/** Whether two definitions have the same fields in the same order and direction. */
export function hasSameFields(left: IndexDefinition, right: IndexDefinition): boolean {
  return JSON.stringify(left.fields) === JSON.stringify(right.fields);
}
