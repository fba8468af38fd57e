import { z } from 'zod';
import { DEFAULT_LIMITS } from '../options.ts';
import { bytes, count, field, headerValues, httpUrl, milliseconds, share, text } from './fields.ts';
import { subgraphConfig, trafficConfig } from './traffic.ts';

const supergraph = z.strictObject({
  pollMs: field(
    milliseconds,
    'How often a URL is asked, and files are looked at where the system tells of no change.',
    10_000,
  ),
  timeoutMs: field(milliseconds, 'For one request to a URL.', 10_000),
  maxBytes: field(bytes, 'Of the answer of a URL.', 20_000_000),
  headers: field(headerValues, 'Sent to a URL.'),
  graceMs: field(milliseconds, 'What runs on a replaced schema gets to end.', 30_000),
  warmUp: field(
    z.strictObject({
      operations: field(z.int().min(0).max(2_000), 'Those used most; 0: none.', 200),
      timeoutMs: field(milliseconds, 'After that the new schema serves in any case.', 10_000),
    }),
    'What is planned before a new schema serves.',
  ),
});

const limits = z.strictObject({
  depth: field(count, 'Nested selections.', DEFAULT_LIMITS.depth),
  aliases: field(z.int().min(0), 'Aliases.', DEFAULT_LIMITS.aliases),
  fields: field(count, 'Fields, fragments expanded.', DEFAULT_LIMITS.fields),
  documentBytes: field(bytes, 'Bytes of a document.', DEFAULT_LIMITS.documentBytes),
  bodyBytes: field(bytes, 'Bytes of a body, inflated.', DEFAULT_LIMITS.bodyBytes),
  planMs: field(milliseconds, 'Milliseconds a plan may take.', DEFAULT_LIMITS.planMs),
});

const trustedDocuments = z.strictObject({
  manifest: text.meta({ description: 'The manifest, in Apollo’s or Relay’s form; relative to this file.' }),
  only: field(z.boolean(), 'Whether nothing else is run.', false),
});

const otlp = z.strictObject({
  endpoint: httpUrl.meta({ description: 'Base URL of the collector: OTLP over HTTP, in JSON.' }),
  headers: field(headerValues, 'Sent with every export.'),
  serviceName: field(text, 'The name of this gateway.', 'tributary-gateway'),
  sampleRatio: field(share, 'The share of operations that is traced.', 1),
  metricsIntervalMs: field(
    z.union([z.literal(false), milliseconds]),
    'Between exports of metrics; false: none.',
    60_000,
  ),
});

const prometheus = z.union([
  z.strictObject({ path: text.startsWith('/').meta({ description: 'On the port of the gateway.' }) }),
  z.strictObject({
    port: z.int().min(0).max(65_535).meta({ description: 'A port of its own, at `/metrics`.' }),
    host: field(text, 'The interface of that port.', '127.0.0.1'),
  }),
]);

const telemetry = z.strictObject({
  otlp: field(otlp, 'Sends traces and metrics to a collector.'),
  prometheus: field(prometheus, 'Serves metrics: at a path, or on a port.'),
  operationNames: field(z.array(text), 'Operation names that metrics tell apart; absent: the first 100 that come.'),
  operationLog: field(
    z.strictObject({
      level: field(z.enum(['info', 'debug']), 'At which level.', 'info'),
      sampleRatio: field(share, 'The share of operations that is written.', 1),
      slowMs: field(milliseconds, 'Operations that take as long are written in any case.'),
    }),
    'Writes a line for each operation.',
  ),
  explain: field(
    z.enum(['scope', 'anyone', 'off']),
    'Who gets explanations: those with the scope `graph:explain`, everybody, nobody.',
    'scope',
  ),
});

const audience = z.strictObject({
  name: text.meta({ description: 'What it is called.' }),
  roles: z.array(text).min(1).meta({ description: 'Callers with one of these roles are its own.' }),
  include: field(z.array(text), 'Only fields that carry one of these tags, or whose type does.'),
  exclude: field(z.array(text), 'Nothing that carries one of these tags.'),
});

/** What `--config FILE` may hold. Everything is optional; unknown keys are refused. */
export const GATEWAY_CONFIG = z.strictObject({
  $schema: field(z.string(), 'Where editors find the JSON Schema of this file.'),
  supergraph: field(supergraph, 'How the supergraph is watched and swapped.'),
  limits: field(limits, 'What one operation may ask.'),
  authorization: field(
    z.enum(['prune', 'reject']),
    'Fields beyond the caller’s rights: answered null, or the operation refused.',
    'prune',
  ),
  audiences: field(
    z.array(audience),
    'Callers who get less than the whole graph (docs/partner-schemas.md). The first that fits is a caller’s.',
  ),
  plans: field(
    z.strictObject({ folder: text.meta({ description: 'Made if it is missing; relative to this file.' }) }),
    'Plans outlive the process: where they are kept.',
  ),
  traffic: field(trafficConfig, 'How every subgraph is called that does not say otherwise.'),
  subgraphs: field(z.record(text, subgraphConfig), 'How single subgraphs are called, by name.'),
  trustedDocuments: field(trustedDocuments, 'Documents that clients ask for by id.'),
  apq: field(
    z.union([z.boolean(), z.strictObject({ size: field(count, 'Documents remembered.', 1_000) })]),
    'Automatic persisted queries.',
    true,
  ),
  batching: field(
    z.union([z.boolean(), z.strictObject({ max: field(count, 'Operations in one request.', 10) })]),
    'Lists of operations in one request.',
    false,
  ),
  compression: field(
    z.union([z.boolean(), z.strictObject({ minBytes: field(bytes, 'Smaller answers go as they are.', 1_024) })]),
    'Compressed answers.',
    true,
  ),
  cacheControl: field(z.boolean(), 'Cache headers as `@cacheControl` of the supergraph says.', true),
  telemetry: field(telemetry, 'Traces, metrics, logs of operations (docs/insight.md).'),
});

/** Zod says of an optional key that it may be there and undefined. What a file holds is there or is not. */
type Present<Value> = Value extends readonly (infer Item)[]
  ? readonly Present<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Present<Exclude<Value[Key], undefined>> }
    : Value;

/** A configuration file, checked. */
export type GatewayConfig = Present<z.output<typeof GATEWAY_CONFIG>>;
