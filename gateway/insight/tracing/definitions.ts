/** One sort of span: how it is called and what it says. */
export interface SpanDefinition {
  readonly name: string;
  readonly kind: 'SERVER' | 'INTERNAL' | 'CLIENT';
  readonly attributes: readonly string[];
  /** Its row in docs/insight.md. */
  readonly about: string;
}

/**
 * Every span. Attributes are those of OpenTelemetry's conventions for GraphQL servers and HTTP clients where they have one.
 * None holds a document, a variable, a header or a URL. docs/insight.md is tested against this table.
 */
export const SPANS = {
  operation: {
    name: '{type} {name}',
    kind: 'SERVER',
    attributes: [
      'graphql.operation.type',
      'graphql.operation.name',
      'tributary.request.id',
      'tributary.outcome',
      'error.type',
    ],
    about: 'A query or a mutation, its preparation included, or the start of a subscription.',
  },
  event: {
    name: 'event {name}',
    kind: 'INTERNAL',
    attributes: ['graphql.operation.type', 'graphql.operation.name', 'tributary.outcome', 'error.type'],
    about: 'One event of a subscription, below the span that started it.',
  },
  plan: {
    name: 'plan',
    kind: 'INTERNAL',
    attributes: ['tributary.plan.result', 'tributary.plan.read_ms'],
    about: 'From the validated document to its plan.',
  },
  fetch: {
    name: 'fetch {subgraph}',
    kind: 'CLIENT',
    attributes: [
      'tributary.subgraph',
      'graphql.operation.type',
      'http.request.method',
      'http.response.status_code',
      'http.request.body.size',
      'http.response.body.size',
      'http.request.resend_count',
      'tributary.verdicts',
      'error.type',
    ],
    about: 'One fetch, all its tries together. The subgraph gets its `traceparent`.',
  },
} as const satisfies Record<string, SpanDefinition>;
