import type { CounterName, GaugeName, HistogramName, MetricDefinition, MetricName } from './definitions.ts';
import { METRICS } from './definitions.ts';
import { createSeriesSet, type Series } from './series.ts';

/** Upper bounds of the buckets of durations, in seconds (those of OpenTelemetry's HTTP conventions, and two below). */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** A histogram's state. */
export interface Distribution {
  sum: number;
  count: number;
  /** One more than there are bounds: the last has no upper one. */
  readonly buckets: number[];
}

/** What a metric stands at. */
export interface MetricReading {
  readonly name: MetricName;
  readonly definition: MetricDefinition;
  readonly series: readonly Series<number | Distribution>[];
}

/** A gauge's values, read when somebody asks: labels and value. */
export type GaugeReader = () => Iterable<readonly [labels: readonly string[], value: number]>;

/** Also told of everything that is counted; for meters of other libraries. */
export interface MetricMirror {
  add(name: CounterName, labels: readonly string[], by: number): void;
  record(name: HistogramName, labels: readonly string[], value: number): void;
  observe(name: GaugeName, read: GaugeReader): void;
}

/** Counts. Labels are given in the order of the metric's definition. */
export interface Registry {
  add(name: CounterName, labels: readonly string[], by?: number): void;
  /** Seconds. */
  record(name: HistogramName, labels: readonly string[], value: number): void;
  /** One counter under its labels, found once: for what is counted all the time. */
  counter(name: CounterName, labels: readonly string[]): (by?: number) => void;
  /** The same of a histogram. */
  histogram(name: HistogramName, labels: readonly string[]): (value: number) => void;
  /** Reads a gauge from now on; a second reader of one gauge takes the place of the first. */
  observe(name: GaugeName, read: GaugeReader): void;
  /** All metrics that have a value, in the order of their table. */
  read(): MetricReading[];
}

function newDistribution(): Distribution {
  return { sum: 0, count: 0, buckets: new Array<number>(DURATION_BUCKETS.length + 1).fill(0) };
}

function note(distribution: Distribution, value: number): void {
  let bucket = 0;
  while (bucket < DURATION_BUCKETS.length && value > (DURATION_BUCKETS[bucket] as number)) bucket += 1;
  distribution.sum += value;
  distribution.count += 1;
  distribution.buckets[bucket] = (distribution.buckets[bucket] ?? 0) + 1;
}

/** Numbers in memory: an addition costs a look-up, no allocation beyond the labels. `mirror` is told the same. */
export function createRegistry(mirror?: MetricMirror): Registry {
  const counters = createSets(() => createSeriesSet(() => 0));
  const histograms = createSets(() => createSeriesSet(newDistribution));
  const gauges = new Map<MetricName, GaugeReader>();

  function seriesOf(name: MetricName): readonly Series<number | Distribution>[] {
    const read = gauges.get(name);
    if (read) return [...read()].map(([labels, value]) => ({ labels, value }));
    return [...((counters.get(name) ?? histograms.get(name))?.values() ?? [])];
  }
  function counter(name: CounterName, labels: readonly string[]): (by?: number) => void {
    const series = counters.at(name).of(labels);
    return (by = 1) => {
      series.value += by;
      mirror?.add(name, labels, by);
    };
  }
  function histogram(name: HistogramName, labels: readonly string[]): (value: number) => void {
    const { value: distribution } = histograms.at(name).of(labels);
    return (value) => {
      note(distribution, value);
      mirror?.record(name, labels, value);
    };
  }
  return {
    counter,
    histogram,
    add: (name, labels, by) => counter(name, labels)(by),
    record: (name, labels, value) => histogram(name, labels)(value),
    observe(name, read) {
      gauges.set(name, read);
      mirror?.observe(name, read);
    },
    read: () =>
      (Object.keys(METRICS) as MetricName[])
        .map((name) => ({ name, definition: METRICS[name] as MetricDefinition, series: seriesOf(name) }))
        .filter(({ series }) => series.length > 0),
  };
}

/** A map that makes what it lacks. */
function createSets<Value>(make: () => Value) {
  const sets = new Map<MetricName, Value>();
  return {
    get: (name: MetricName) => sets.get(name),
    at(name: MetricName): Value {
      const known = sets.get(name);
      if (known) return known;
      const made = make();
      sets.set(name, made);
      return made;
    },
  };
}
