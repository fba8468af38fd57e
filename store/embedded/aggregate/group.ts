import { calculateObjectSize } from 'bson';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { encodeValue } from '../value/key.ts';
import { ACCUMULATORS, type Accumulator, GROWING } from './accumulators.ts';
import { compileExpression, runByMingo, type Variables } from './expressions.ts';
import { collect, HeldBytes } from './held-documents.ts';
import { fromList, type Stage } from './rows.ts';

interface Field {
  readonly name: string;
  readonly evaluate: (document: Document) => unknown;
  readonly create: () => Accumulator;
  readonly isGrowing: boolean;
}

interface Group {
  readonly id: unknown;
  readonly accumulators: readonly Accumulator[];
}

/** Heap bytes of a group beside its id, about. */
const GROUP_BYTES = 100;

function operatorOf(name: string, definition: unknown): readonly [operator: string, operand: unknown] {
  const entries = isDocument(definition) ? Object.entries(definition) : [];
  if (entries.length !== 1)
    throw new MongoError('BadValue', `The field '${name}' must be an accumulator object of one operator`);
  return entries[0] as [string, unknown];
}

function toField(name: string, definition: unknown, variables: Variables): Field {
  const [operator, operand] = operatorOf(name, definition);
  if (operator === '$count')
    return { name, evaluate: () => 1, create: ACCUMULATORS['$sum'] as never, isGrowing: false };
  const create = ACCUMULATORS[operator];
  if (!create) throw new MongoError('BadValue', `unknown group operator '${operator}'`);
  return { name, evaluate: compileExpression(operand, variables), create, isGrowing: GROWING.has(operator) };
}

class Groups {
  readonly #idOf: (document: Document) => unknown;
  readonly #fields: readonly Field[];
  readonly #groups = new Map<string, Group>();
  readonly #held = new HeldBytes('$group');

  constructor(idOf: (document: Document) => unknown, fields: readonly Field[]) {
    this.#idOf = idOf;
    this.#fields = fields;
  }

  add(document: Document): void {
    const { accumulators } = this.#groupOf(this.#idOf(document) ?? null);
    for (const [at, field] of this.#fields.entries()) {
      const value = field.evaluate(document);
      if (field.isGrowing) this.#held.add(calculateObjectSize({ value }, { ignoreUndefined: true }));
      accumulators[at]?.add(value);
    }
  }

  #groupOf(id: unknown): Group {
    const key = encodeValue(id);
    const existing = this.#groups.get(key);
    if (existing) return existing;
    this.#held.add(key.length + GROUP_BYTES);
    const group = { id, accumulators: this.#fields.map(({ create }) => create()) };
    this.#groups.set(key, group);
    return group;
  }

  results(): Document[] {
    return [...this.#groups.values()].map(({ id, accumulators }) => ({
      _id: id,
      ...Object.fromEntries(this.#fields.map(({ name }, at) => [name, accumulators[at]?.result()])),
    }));
  }
}

/** Accumulators mingo has and we have not: it wants all documents at hand. */
const BY_MINGO = new Set([
  '$bottom',
  '$bottomN',
  '$firstN',
  '$lastN',
  '$maxN',
  '$median',
  '$minN',
  '$percentile',
  '$top',
  '$topN',
]);

/** `$group`: holds its groups, not the documents, unless an accumulator such as `$topN` needs them. MongoError BadValue. */
export function groupStage(specification: unknown, variables: Variables): Stage {
  if (!isDocument(specification) || !('_id' in specification))
    throw new MongoError('BadValue', 'a group specification must include an _id');
  const { _id: id, ...rest } = specification;
  const operators = Object.entries(rest).map(([name, definition]) => operatorOf(name, definition)[0]);
  if (operators.some((operator) => BY_MINGO.has(operator)))
    return async function* (rows) {
      yield* fromList(runByMingo(await collect(rows, '$group'), [{ $group: specification }], variables));
    };
  const fields = Object.entries(rest).map(([name, definition]) => toField(name, definition, variables));
  const idOf = compileExpression(id, variables);
  return async function* (rows) {
    const groups = new Groups(idOf, fields);
    for await (const chunk of rows) for (const document of chunk) groups.add(document);
    yield* fromList(groups.results());
  };
}
