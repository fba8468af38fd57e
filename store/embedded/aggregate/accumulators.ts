import { Decimal128 } from 'bson';
import { calculate } from '../update/arithmetic.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { compareValues } from '../value/compare.ts';
import { encodeValue } from '../value/key.ts';
import { isNumeric, toDouble } from '../value/numbers.ts';

/** Takes the values of one group one by one; `undefined` is a missing value. */
export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

const isMissing = (value: unknown) => value === undefined || value === null;

class Sum implements Accumulator {
  protected total: unknown = 0;
  protected count = 0;

  add(value: unknown): void {
    if (!isNumeric(value)) return;
    this.total = calculate(this.total, value, 'add');
    this.count += 1;
  }

  result(): unknown {
    return this.total;
  }
}

class Average extends Sum {
  override result(): unknown {
    if (this.count === 0) return null;
    const mean = toDouble(this.total) / this.count;
    const isDecimal = (this.total as { _bsontype?: string })._bsontype === 'Decimal128';
    return isDecimal ? Decimal128.fromString(String(mean)) : mean;
  }
}

class Extreme implements Accumulator {
  readonly #sign: 1 | -1;
  #best: unknown;

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  add(value: unknown): void {
    if (isMissing(value)) return;
    if (this.#best === undefined || compareValues(value, this.#best) * this.#sign > 0) this.#best = value;
  }

  result(): unknown {
    return this.#best ?? null;
  }
}

class First implements Accumulator {
  #value: unknown;
  #isSet = false;

  add(value: unknown): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#value = value;
  }

  result(): unknown {
    return this.#value ?? null;
  }
}

class Last implements Accumulator {
  #value: unknown;

  add(value: unknown): void {
    this.#value = value;
  }

  result(): unknown {
    return this.#value ?? null;
  }
}

class Push implements Accumulator {
  readonly #values: unknown[] = [];

  add(value: unknown): void {
    if (value !== undefined) this.#values.push(value);
  }

  result(): unknown {
    return this.#values;
  }
}

class AddToSet implements Accumulator {
  readonly #values = new Map<string, unknown>();

  add(value: unknown): void {
    if (value === undefined) return;
    const key = encodeValue(value);
    if (!this.#values.has(key)) this.#values.set(key, value);
  }

  result(): unknown {
    return [...this.#values.values()];
  }
}

class MergeObjects implements Accumulator {
  #merged: Document = {};

  add(value: unknown): void {
    if (isDocument(value)) this.#merged = { ...this.#merged, ...value };
  }

  result(): unknown {
    return this.#merged;
  }
}

/** Welford's method: one pass, no sum of squares that overflows. */
class Deviation implements Accumulator {
  readonly #isSample: boolean;
  #count = 0;
  #mean = 0;
  #squares = 0;

  constructor(isSample: boolean) {
    this.#isSample = isSample;
  }

  add(value: unknown): void {
    if (!isNumeric(value)) return;
    const number = toDouble(value);
    this.#count += 1;
    const distance = number - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (number - this.#mean);
  }

  result(): unknown {
    const divisor = this.#count - (this.#isSample ? 1 : 0);
    return divisor > 0 ? Math.sqrt(this.#squares / divisor) : null;
  }
}

/** Accumulators that need not hold their documents, by name. https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/ */
export const ACCUMULATORS: Readonly<Record<string, () => Accumulator>> = {
  $sum: () => new Sum(),
  $avg: () => new Average(),
  $min: () => new Extreme(-1),
  $max: () => new Extreme(1),
  $first: () => new First(),
  $last: () => new Last(),
  $push: () => new Push(),
  $addToSet: () => new AddToSet(),
  $mergeObjects: () => new MergeObjects(),
  $stdDevPop: () => new Deviation(false),
  $stdDevSamp: () => new Deviation(true),
};

/** Accumulators whose result grows with the values. */
export const GROWING: ReadonlySet<string> = new Set(['$push', '$addToSet', '$mergeObjects']);
