/** One metric: what it counts and by which labels. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry has units. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** Its row in docs/insight.md. */
  readonly about: string;
}

/**
 * Every metric. No label holds what a client can make up: operation names come from a bounded set, codes from lib/errors.ts,
 * subgraphs from the supergraph, reasons from a fixed list. docs/insight.md is tested against this table.
 */
export const METRICS = {
  'tributary.operations': {
    kind: 'counter',
    unit: '{operation}',
    labels: ['type', 'name', 'outcome', 'code'],
    about:
      'Operations, refused ones too. `outcome`: ok, partial (data and errors), error (no data), refused (nothing ran).',
  },
  'tributary.operation.duration': {
    kind: 'histogram',
    unit: 's',
    labels: ['type', 'name'],
    about: 'From the parsed request to the answer; of subscriptions, each event.',
  },
  'tributary.operations.running': {
    kind: 'gauge',
    unit: '{operation}',
    labels: [],
    about: 'Queries, mutations and events that execute now.',
  },
  'tributary.plans': {
    kind: 'counter',
    unit: '{plan}',
    labels: ['result'],
    about: 'How plans were had: hit (known), miss (made now), none (not needed).',
  },
  'tributary.plan.duration': {
    kind: 'histogram',
    unit: 's',
    labels: [],
    about: 'Time that misses waited for their plan.',
  },
  'tributary.fetches': {
    kind: 'counter',
    unit: '{fetch}',
    labels: ['subgraph', 'type', 'code'],
    about: 'Fetches; `code` is ok where there was a GraphQL response, with errors or without.',
  },
  'tributary.fetch.duration': {
    kind: 'histogram',
    unit: 's',
    labels: ['subgraph'],
    about: 'One fetch, all its tries together.',
  },
  'tributary.fetch.retries': {
    kind: 'counter',
    unit: '{try}',
    labels: ['subgraph'],
    about: 'Tries after the first.',
  },
  'tributary.fetch.received': {
    kind: 'counter',
    unit: 'By',
    labels: ['subgraph'],
    about: 'Bytes of responses, where they came as bytes.',
  },
  'tributary.executions': {
    kind: 'counter',
    unit: '{execution}',
    labels: ['path', 'reason'],
    about: 'Which way executions went: fast, or exact and the reason why.',
  },
  'tributary.subscriptions.running': {
    kind: 'gauge',
    unit: '{subscription}',
    labels: [],
    about: 'Subscriptions that are open now.',
  },
  'tributary.schema.generation': {
    kind: 'gauge',
    unit: '{schema}',
    labels: [],
    about: 'Which schema serves, counted from 1.',
  },
  'tributary.schema.failures': {
    kind: 'gauge',
    unit: '{schema}',
    labels: [],
    about: 'Schemas that were refused while an older one served on.',
  },
  'tributary.schema.refused': {
    kind: 'gauge',
    unit: '1',
    labels: [],
    about: 'Whether the schema offered last was refused or could not be had, and an older one serves: 1, else 0.',
  },
  'tributary.breaker.open': {
    kind: 'gauge',
    unit: '1',
    labels: ['subgraph'],
    about: 'Whether a subgraph over HTTP is spared: 1 while its circuit breaker is open, else 0.',
  },
} as const satisfies Record<string, MetricDefinition>;

/** A metric of the table. */
export type MetricName = keyof typeof METRICS;

type NameOf<Kind> = { [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never }[MetricName];
/** A counter of the table. */
export type CounterName = NameOf<'counter'>;
/** A gauge of the table. */
export type GaugeName = NameOf<'gauge'>;
/** A histogram of the table. */
export type HistogramName = NameOf<'histogram'>;
