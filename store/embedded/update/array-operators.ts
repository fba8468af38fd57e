import { MongoError } from '../mongo-error.ts';
import { compileFilter, isOperatorDocument } from '../query/filter.ts';
import { sortKey, toSortSpec } from '../query/sort.ts';
import { clone, type Document, isDocument } from '../value/codec.ts';
import { compareValues, isEqualValue } from '../value/compare.ts';
import { getAt, type Path, setAt } from './path.ts';

function arrayAt(document: Document, path: Path, operator: string): unknown[] | undefined {
  const value = getAt(document, path);
  if (value === undefined || Array.isArray(value)) return value;
  throw new MongoError('BadValue', `The field '${path.join('.')}' must be an array for ${operator}`);
}

/** The values given; a document with `$each` may have only these modifiers beside it. */
function toEach(operand: unknown, modifiers: readonly string[]): unknown[] {
  if (!isDocument(operand) || !('$each' in operand)) return [operand];
  const other = Object.keys(operand).find((name) => name !== '$each' && !modifiers.includes(name));
  if (other) throw new MongoError('BadValue', `Unrecognized clause beside $each: ${other}`);
  if (!Array.isArray(operand['$each'])) throw new MongoError('BadValue', 'The argument to $each must be an array');
  return operand['$each'];
}

function sortElements(array: unknown[], order: unknown): unknown[] {
  if (typeof order === 'number' && order !== 1 && order !== -1)
    throw new MongoError('BadValue', 'The $sort of a $push must be 1, -1 or a document');
  if (typeof order === 'number') return array.sort((left, right) => compareValues(left, right) * order);
  const spec = toSortSpec(order);
  const keyed = array.map((element) => ({ element, key: sortKey(isDocument(element) ? element : {}, spec) }));
  return keyed
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(({ element }) => element);
}

function sliced(array: unknown[], slice: number): unknown[] {
  if (slice === 0) return [];
  return slice > 0 ? array.slice(0, slice) : array.slice(slice);
}

const PUSH_MODIFIERS = ['$position', '$sort', '$slice'];

function wholeModifier(modifiers: Document, name: string): number | undefined {
  const value = modifiers[name];
  if (value === undefined || Number.isInteger(value)) return value;
  throw new MongoError('BadValue', `The value for ${name} must be a whole number`);
}

/** `$push` with `$each`, `$position`, `$sort`, `$slice`. */
export function push(document: Document, path: Path, operand: unknown): void {
  let array = [...(arrayAt(document, path, '$push') ?? [])];
  const modifiers: Document = isDocument(operand) && '$each' in operand ? operand : {};
  const position = wholeModifier(modifiers, '$position') ?? array.length;
  const added = toEach(operand, PUSH_MODIFIERS).map(clone);
  array = [...array.slice(0, position), ...added, ...array.slice(position)];
  if (modifiers['$sort'] !== undefined) array = sortElements(array, modifiers['$sort']);
  const slice = wholeModifier(modifiers, '$slice');
  if (slice !== undefined) array = sliced(array, slice);
  setAt(document, path, array);
}

/** `$addToSet`: what is not there yet. */
export function addToSet(document: Document, path: Path, operand: unknown): void {
  const array = [...(arrayAt(document, path, '$addToSet') ?? [])];
  for (const value of toEach(operand, []))
    if (!array.some((element) => isEqualValue(element, value))) array.push(clone(value));
  setAt(document, path, array);
}

/** `$pop`: -1 the first, 1 the last. */
export function pop(document: Document, path: Path, operand: unknown): void {
  const array = arrayAt(document, path, '$pop');
  if (operand !== 1 && operand !== -1) throw new MongoError('FailedToParse', '$pop expects 1 or -1');
  if (array) setAt(document, path, operand === 1 ? array.slice(0, -1) : array.slice(1));
}

/** `$pull`: elements that equal a value or match a condition. */
export function pull(document: Document, path: Path, operand: unknown): void {
  const array = arrayAt(document, path, '$pull');
  if (!array) return;
  const test = pullTest(operand);
  setAt(
    document,
    path,
    array.filter((element) => !test(element)),
  );
}

function pullTest(operand: unknown): (element: unknown) => boolean {
  if (isOperatorDocument(operand) || operand instanceof RegExp) {
    const test = compileFilter({ value: operand });
    return (element) => test({ value: element });
  }
  if (!isDocument(operand)) return (element) => isEqualValue(element, operand);
  const test = compileFilter(operand);
  return (element) => isDocument(element) && test(element);
}

/** `$pullAll`: elements that equal one of the values. */
export function pullAll(document: Document, path: Path, operand: unknown): void {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', '$pullAll requires an array argument');
  const array = arrayAt(document, path, '$pullAll');
  if (!array) return;
  setAt(
    document,
    path,
    array.filter((element) => !operand.some((value) => isEqualValue(element, value))),
  );
}
