import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';

/** An array that lost elements at its end. */
export interface TruncatedArray {
  readonly field: string;
  readonly newSize: number;
}

/** What an update changed, as a change stream tells it: truncate, then set and remove, and the old document is the new one. */
export interface UpdateDescription {
  readonly updatedFields: Document;
  readonly removedFields: string[];
  readonly truncatedArrays: TruncatedArray[];
  /** The parts of paths whose dotted form is not clear: a field named like a position, or with a dot in it. */
  readonly disambiguatedPaths?: Document;
}

type Part = string | number;

/** Gathers differences below one path after the other. */
class Differences {
  readonly updatedFields: Document = {};
  readonly removedFields: string[] = [];
  readonly truncatedArrays: TruncatedArray[] = [];
  readonly ambiguous: Document = {};
  readonly #mayTruncate: boolean;

  constructor(mayTruncate: boolean) {
    this.#mayTruncate = mayTruncate;
  }

  #join(path: readonly Part[]): string {
    const joined = path.join('.');
    if (path.some((part) => typeof part === 'string' && (part.includes('.') || /^\d+$/.test(part))))
      this.ambiguous[joined] = [...path];
    return joined;
  }

  #compare(before: unknown, after: unknown, path: readonly Part[]): void {
    if (isDocument(before) && isDocument(after)) this.compareFields(before, after, path);
    else if (Array.isArray(before) && Array.isArray(after) && this.#isTellable(before, after))
      this.#compareElements(before, after, path);
    else if (!isEqualValue(before, after)) this.updatedFields[this.#join(path)] = after;
  }

  compareFields(before: Document, after: Document, path: readonly Part[]): void {
    for (const [key, value] of Object.entries(after))
      if (Object.hasOwn(before, key)) this.#compare(before[key], value, [...path, key]);
      else this.updatedFields[this.#join([...path, key])] = value;
    for (const key of Object.keys(before))
      if (!Object.hasOwn(after, key)) this.removedFields.push(this.#join([...path, key]));
  }

  /** Elements are told one by one while that is less than to tell the array. */
  #isTellable(before: readonly unknown[], after: readonly unknown[]): boolean {
    if (after.length === 0 || (after.length < before.length && !this.#mayTruncate)) return isEqualValue(before, after);
    const common = Math.min(before.length, after.length);
    let changed = after.length - common;
    for (let at = 0; at < common; at += 1) if (!isEqualValue(before[at], after[at])) changed += 1;
    return changed <= 1 || changed * 2 <= after.length;
  }

  #compareElements(before: readonly unknown[], after: readonly unknown[], path: readonly Part[]): void {
    if (after.length < before.length) this.truncatedArrays.push({ field: this.#join(path), newSize: after.length });
    for (const [at, value] of after.entries())
      if (at < before.length) this.#compare(before[at], value, [...path, at]);
      else this.updatedFields[this.#join([...path, at])] = value;
  }
}

/**
 * In what two versions of a document differ. Arrays shortened at the end are told as truncated only where `mayTruncate`,
 * which MongoDB does for pipeline updates.
 */
export function differenceOf(before: Document, after: Document, mayTruncate = false): UpdateDescription {
  const differences = new Differences(mayTruncate);
  differences.compareFields(before, after, []);
  const { updatedFields, removedFields, truncatedArrays, ambiguous } = differences;
  const paths = Object.keys(ambiguous).length > 0 ? { disambiguatedPaths: ambiguous } : {};
  return { updatedFields, removedFields, truncatedArrays, ...paths };
}
