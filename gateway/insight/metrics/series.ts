/** Values of one metric under one set of labels. */
export interface Series<Value> {
  readonly labels: readonly string[];
  value: Value;
}

/** A metric with more series than this counts what is beyond them in one whose labels all say `other`. */
const SERIES_LIMIT = 2_000;
const OTHER = 'other';

/** Series by their labels. */
export interface SeriesSet<Value> {
  /** The series of these labels, begun if it is new. */
  of(labels: readonly string[]): Series<Value>;
  values(): IterableIterator<Series<Value>>;
}

/** An empty set; a series begins with what `start` gives. */
export function createSeriesSet<Value>(start: () => Value): SeriesSet<Value> {
  const byKey = new Map<string, Series<Value>>();

  function begin(key: string, labels: readonly string[]): Series<Value> {
    const series = { labels, value: start() };
    byKey.set(key, series);
    return series;
  }
  function of(labels: readonly string[]): Series<Value> {
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join('\0');
    const known = byKey.get(key);
    if (known) return known;
    if (byKey.size < SERIES_LIMIT) return begin(key, labels);
    const others = labels.map(() => OTHER);
    return byKey.get(others.join('\0')) ?? begin(others.join('\0'), others);
  }
  return { of, values: () => byKey.values() };
}
