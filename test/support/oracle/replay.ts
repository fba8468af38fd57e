import { type Document, EJSON, Long, UUID } from 'bson';
import { expect } from 'vitest';
import type { RawClient } from '../raw-wire.ts';
import { type Asking, type Boundary, type Command, isBoundary, type Outcome } from './commands.ts';
import type { Sort, UniqueRule } from './keys.ts';
import { isSplittable, Oracle } from './oracle.ts';
import { compare, isSame, toNumber } from './values.ts';

/** How answers must be decoded for the oracle: every number with its type, patterns as they are. */
export const DECODING = { promoteValues: false, promoteBuffers: false, bsonRegExp: true };

/** An index of a run: how it is made and what it forbids. */
export interface OracleIndex {
  readonly spec: Document;
  readonly rule?: UniqueRule;
}

const toSort = (sort: Sort) => (sort.length === 0 ? {} : { sort: Object.fromEntries(sort) });

/** Which of several documents a single write takes is not promised, so it is told by `_id`. */
function narrowed(oracle: Oracle, filter: Document): Document {
  const [first, second] = oracle.matching(filter);
  return second ? { $and: [filter, { _id: first?.['_id'] }] } : filter;
}

const GROUP = { count: { $sum: 1 }, sum: { $sum: '$n' }, low: { $min: '$b' }, high: { $max: '$b' } };

function toWire(command: Asking, name: string, oracle: Oracle): Document {
  switch (command.do) {
    case 'insert':
      return { insert: name, documents: [...command.documents], ordered: command.ordered };
    case 'update': {
      const { filter, update: u, many: multi, upsert, arrayFilters } = command;
      const q = multi ? filter : narrowed(oracle, filter);
      return { update: name, updates: [{ q, u, multi, upsert, ...(arrayFilters ? { arrayFilters } : {}) }] };
    }
    case 'delete': {
      const { filter, many } = command;
      return { delete: name, deletes: [{ q: many ? filter : narrowed(oracle, filter), limit: many ? 0 : 1 }] };
    }
    case 'findAndModify': {
      const { filter: query, sort, update, isNew } = command;
      return { findAndModify: name, query, ...toSort(sort), ...(update ? { update, new: isNew } : { remove: true }) };
    }
    case 'find': {
      const { filter, sort, skip, limit, projection } = command;
      return { find: name, filter, ...toSort(sort), skip, limit, projection, batchSize: 100_000 };
    }
    case 'count':
      return { count: name, query: command.filter, skip: command.skip, limit: command.limit };
    case 'distinct':
      return { distinct: name, key: command.key, query: command.filter };
    default: {
      const $group = { _id: `$${command.key}`, ...(command.do === 'group' ? GROUP : { count: GROUP.count }) };
      const unwound = command.do === 'unwind' ? [{ $unwind: `$${command.key}` }] : [];
      return {
        aggregate: name,
        pipeline: [{ $match: command.filter }, ...unwound, { $group }],
        cursor: { batchSize: 100_000 },
      };
    }
  }
}

function toOutcome(command: Command, answer: Document): Outcome {
  if (toNumber(answer['ok']) !== 1) return { codes: [toNumber(answer['code'])], n: 0 };
  const errors: Document[] = answer['writeErrors'] ?? [];
  if (command.do === 'insert' || command.do === 'update' || command.do === 'delete')
    return { codes: errors.map(({ code }) => toNumber(code)), n: toNumber(answer['n']) };
  if (command.do === 'findAndModify') return { value: answer['value'] ?? null };
  if (command.do === 'find') return { list: answer['cursor'].firstBatch };
  if (command.do === 'count') return { n: toNumber(answer['n']) };
  if (command.do === 'distinct') return { bag: [...answer['values']].sort(compare) };
  if (command.do === 'group' || command.do === 'unwind') return { bag: [...answer['cursor'].firstBatch].sort(compare) };
  return { n: 0 };
}

function isSameOutcome(left: Outcome, right: Outcome): boolean {
  if ('codes' in left && 'codes' in right) return left.codes.join() === right.codes.join() && left.n === right.n;
  return Object.entries(left).every(([key, value]) => key in right && isSame(value, right[key as never]));
}

const told = (value: unknown) => EJSON.stringify(value, { relaxed: false });

/** The first place where two outcomes part, short enough to read. */
function differences(got: Outcome, wanted: Outcome): string {
  const [left, right] = [got, wanted].map((it) => Object.values(it)[0]) as [unknown, unknown];
  if ('codes' in got || !Array.isArray(left) || !Array.isArray(right))
    return `store: ${told(got)}\noracle: ${told(wanted)}`;
  const at = [...left, null].findIndex((it, place) => place >= left.length || !isSame(it, right[place]));
  return `store: ${told(left[at])} of ${left.length}\noracle: ${told(right[at])} of ${right.length}`;
}

/** A collection of the store and the oracle beside it, each asked the same. */
export class Replay {
  readonly #client: RawClient;
  readonly #name: string;
  readonly oracle: Oracle;
  readonly #rules: readonly UniqueRule[];
  readonly #session = { id: new UUID() };
  #transactions = 0;
  #isFirst = false;

  constructor(client: RawClient, name: string, rules: readonly UniqueRule[]) {
    this.#client = client;
    this.#name = name;
    this.#rules = rules;
    this.oracle = new Oracle(rules);
  }

  async createIndexes(indexes: readonly Document[]): Promise<void> {
    if (indexes.length === 0) return;
    const named = indexes.map((spec, at) => ({ name: `i${at}`, ...spec }));
    expect(await this.#client.command({ createIndexes: this.#name, indexes: named, $db: 'oracle' })).toHaveProperty(
      'ok',
    );
  }

  /** Asks both; what the store answers must be what the oracle answers. */
  async run(command: Command): Promise<void> {
    if (!this.#makesSense(command)) return;
    if (!isBoundary(command)) await this.#compare(command);
    else await this.#cross(command);
  }

  async #cross(boundary: Boundary): Promise<void> {
    if (boundary.do === 'begin') this.#begin();
    else await this.#end(boundary.do);
    this.oracle.run(boundary);
  }

  #makesSense(command: Command): boolean {
    const { inTransaction, hasFailed } = this.oracle;
    if (isBoundary(command)) return (command.do === 'begin') !== inTransaction;
    if (hasFailed || (command.do === 'count' && inTransaction)) return false;
    if (command.do !== 'update' || !command.many) return true;
    return !isSplittable(command.update, this.#rules) && !this.oracle.stopsHalfWay(command);
  }

  #begin(): void {
    this.#transactions += 1;
    this.#isFirst = true;
  }

  get #facts(): Document {
    if (!this.oracle.inTransaction) return { $db: 'oracle' };
    const start = this.#isFirst ? { startTransaction: true } : {};
    return {
      lsid: this.#session,
      txnNumber: Long.fromNumber(this.#transactions),
      autocommit: false,
      ...start,
      $db: 'oracle',
    };
  }

  async #end(how: 'commit' | 'abort'): Promise<void> {
    if (this.#isFirst) return;
    const name = how === 'commit' ? 'commitTransaction' : 'abortTransaction';
    const answer = await this.#client.command({ [name]: 1, ...this.#facts, $db: 'admin' });
    expect(toNumber(answer['ok'])).toBe(this.oracle.hasFailed ? 0 : 1);
  }

  async #compare(command: Asking): Promise<void> {
    const asked = toWire(command, this.#name, this.oracle);
    const answer = await this.#client.command({ ...asked, ...this.#facts });
    this.#isFirst = false;
    const [got, wanted] = [toOutcome(command, answer), this.oracle.run(command)];
    if (isSameOutcome(got, wanted)) return;
    const said: unknown = answer['errmsg'] ?? answer['writeErrors'];
    throw new Error(`${JSON.stringify(said)} ${told(asked)}\n${differences(got, wanted)}`);
  }

  /** Compares all there is, in order of `_id`. */
  async compareAll(): Promise<void> {
    if (this.oracle.inTransaction) await this.run({ do: 'commit' });
    await this.run({ do: 'find', filter: {}, sort: [['_id', 1]], skip: 0, limit: 0, projection: {} });
  }
}
