import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** How strings compare in a query that names a collation. */
export type Collation = Pick<Intl.Collator, 'compare'>;

const SENSITIVITIES = { 1: 'base', 2: 'accent', 3: 'variant' } as const;
/** Options at the value they have anyway. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  alternate: 'non-ignorable',
  backwards: false,
  caseFirst: 'off',
  caseLevel: false,
  maxVariable: 'punct',
  normalization: false,
  version: '57.1',
};

function toLocale(locale: unknown): string {
  const tag = String(locale).replaceAll('_', '-');
  try {
    if (typeof locale === 'string' && Intl.Collator.supportedLocalesOf(tag).length > 0) return tag;
  } catch {
    // Not a language tag at all: refused like one that is not known.
  }
  throw new MongoError('BadValue', `Field 'locale' is invalid in: { locale: "${String(locale)}" }`);
}

/**
 * The collation a command names; null when it names none, or the simple one. Offered are `locale`, `strength` 1 to 3 and
 * `numericOrdering`, compared by the runtime's ICU. MongoError CommandNotSupported for the other options, BadValue.
 * https://www.mongodb.com/docs/manual/reference/collation/
 */
export function toCollation(given: unknown): Collation | null {
  if (given === undefined || given === null) return null;
  if (!isDocument(given)) throw new MongoError('TypeMismatch', "'collation' must be a document");
  const { locale, strength = 3, numericOrdering = false, ...others } = given;
  if (locale === 'simple') return null;
  const other = Object.keys(others).find((name) => others[name] !== DEFAULTS[name]);
  if (other) throw notSupported(`The collation option ${other}`);
  const sensitivity = SENSITIVITIES[strength as 1 | 2 | 3];
  if (!sensitivity) throw notSupported(`The collation strength ${String(strength)}`);
  return new Intl.Collator(toLocale(locale), { sensitivity, numeric: numericOrdering === true });
}

/** All strings in a value, however deep. */
export function stringsIn(value: unknown, into: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') into.add(value);
  else if (Array.isArray(value)) for (const element of value) stringsIn(element, into);
  else if (isDocument(value)) for (const member of Object.values(value)) stringsIn(member, into);
  return into;
}

const DIGITS = 8;
const rank = (place: number) => String(place).padStart(DIGITS, '0');

/**
 * A function that puts in place of each string its place among `strings`: odd where it equals one, even in between. Values
 * so changed compare with those of `strings` bytewise as their originals do by the collation.
 */
export function rankAmong(strings: Iterable<string>, { compare }: Collation): (value: unknown) => unknown {
  const places: string[] = [];
  for (const string of [...strings].sort(compare))
    if (places.length === 0 || compare(places.at(-1) as string, string) !== 0) places.push(string);
  const known = new Map<string, string>();
  const placeOf = (string: string): string => {
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compare(places[middle] as string, string);
      if (order === 0) return rank(middle * 2 + 1);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return rank(low * 2);
  };
  const ranked = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const place = known.get(value) ?? placeOf(value);
      if (known.size < 10_000) known.set(value, place);
      return place;
    }
    if (Array.isArray(value)) return value.map(ranked);
    if (!isDocument(value)) return value;
    return Object.fromEntries(Object.entries(value as Document).map(([name, member]) => [name, ranked(member)]));
  };
  return ranked;
}
