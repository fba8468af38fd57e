import { Timestamp } from 'bson';
import { MongoError } from '../mongo-error.ts';
import { clone, type Document, isDocument } from '../value/codec.ts';
import { compareValues } from '../value/compare.ts';
import { calculate, calculateBits } from './arithmetic.ts';
import { addToSet, pop, pull, pullAll, push } from './array-operators.ts';
import { getAt, type Path, setAt, unsetAt } from './path.ts';

/** What an operator may need besides its operand. */
export interface OperatorContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the document is being inserted by an upsert. */
  readonly inserting: boolean;
}

/** Changes `document` in place at one path. */
type Operator = (document: Document, path: Path, operand: unknown, context: OperatorContext) => void;

const set: Operator = (document, path, operand) => setAt(document, path, clone(operand));

function arithmetic(operation: 'add' | 'multiply'): Operator {
  return (document, path, operand) => {
    const value = getAt(document, path);
    setAt(document, path, calculate(value === undefined ? 0 : value, operand, operation));
  };
}

function extreme(isBetter: (order: number) => boolean): Operator {
  return (document, path, operand) => {
    const value = getAt(document, path);
    if (value === undefined || isBetter(compareValues(operand, value))) setAt(document, path, clone(operand));
  };
}

const rename: Operator = (document, path, operand) => {
  if (typeof operand !== 'string') throw new MongoError('BadValue', 'The to field for $rename must be a string');
  const value = getAt(document, path);
  if (value === undefined) return;
  unsetAt(document, path);
  setAt(document, operand.split('.'), value);
};

const currentDate: Operator = (document, path, operand, { now }) => {
  if (typeof operand !== 'boolean' && !isDocument(operand))
    throw new MongoError('BadValue', '$currentDate needs a boolean or a $type');
  const type = isDocument(operand) ? operand['$type'] : 'date';
  if (type !== 'date' && type !== 'timestamp')
    throw new MongoError('BadValue', 'The $type of $currentDate must be date or timestamp');
  setAt(document, path, type === 'date' ? new Date(now) : new Timestamp({ t: Math.floor(now / 1000), i: 1 }));
};

const bit: Operator = (document, path, operand) => {
  if (!isDocument(operand)) throw new MongoError('BadValue', '$bit needs a document such as {and: 5}');
  for (const [operation, value] of Object.entries(operand)) {
    const current = getAt(document, path);
    setAt(document, path, calculateBits(current === undefined ? 0 : current, operation, value));
  }
};

/** Update operators by name. https://www.mongodb.com/docs/manual/reference/operator/update/ */
export const UPDATE_OPERATORS: Readonly<Record<string, Operator>> = {
  $set: set,
  $setOnInsert: (document, path, operand, context) => {
    if (context.inserting) set(document, path, operand, context);
  },
  $unset: (document, path) => unsetAt(document, path),
  $inc: arithmetic('add'),
  $mul: arithmetic('multiply'),
  $min: extreme((order) => order < 0),
  $max: extreme((order) => order > 0),
  $rename: rename,
  $currentDate: currentDate,
  $push: push,
  $addToSet: addToSet,
  $pop: pop,
  $pull: pull,
  $pullAll: pullAll,
  $bit: bit,
};
