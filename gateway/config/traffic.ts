import { z } from 'zod';
import { DEFAULT_TRAFFIC as defaults } from '../transport/traffic.ts';
import { bytes, count, field, headerValues, httpUrl, milliseconds, pause, share, text } from './fields.ts';

const off = z.literal(false);

const concurrency = z.strictObject({
  limit: field(count, 'Calls that run at once.', defaults.concurrency.limit),
  queue: field(z.int().min(0), 'Calls that may wait; those beyond are refused.', defaults.concurrency.queue),
});

const breaker = z.strictObject({
  windowMs: field(milliseconds, 'How far back failures count.', defaults.breaker.windowMs),
  minCalls: field(count, 'Fewer calls than this in the window say nothing.', defaults.breaker.minCalls),
  failureShare: field(share, 'The share of failed calls from which it opens.', defaults.breaker.failureShare),
  openMs: field(milliseconds, 'For how long nothing is sent once it is open.', defaults.breaker.openMs),
});

const retry = z.strictObject({
  attempts: field(
    count.max(10),
    'Tries in all, the first included. Mutations are never sent again.',
    defaults.retry.attempts,
  ),
  firstPauseMs: field(pause, 'The longest pause before the second try; it doubles.', defaults.retry.firstPauseMs),
  maxPauseMs: field(pause, 'The longest pause ever.', defaults.retry.maxPauseMs),
  budget: field(
    z.number().min(0).max(10),
    'Retries for each call that a subgraph gets, over time.',
    defaults.retry.budget,
  ),
});

const headers = z.strictObject({
  forward: field(z.array(text), 'Client headers passed on: names, or patterns such as `x-acme-*`.'),
  rename: field(headerValues, 'Client headers passed on under another name.'),
  set: field(headerValues, 'Sent with every request.'),
});

const fields = {
  timeoutMs: field(milliseconds, 'One call, tries and pauses together.', defaults.timeoutMs),
  tryTimeoutMs: field(milliseconds.nullable(), 'One try; null: as long as the call.', defaults.tryTimeoutMs),
  connectTimeoutMs: field(milliseconds, 'Until a connection stands, TLS included.', defaults.connectTimeoutMs),
  maxResponseBytes: field(bytes, 'One answer, inflated; more is refused.', defaults.maxResponseBytes),
  connections: field(count.max(10_000), 'Kept-alive connections at most.', defaults.connections),
  idleMs: field(milliseconds, 'For how long an unused connection is kept.', defaults.idleMs),
  connectionRequests: field(
    count.nullable(),
    'Requests after which a connection is replaced; null: never.',
    defaults.connectionRequests,
  ),
  connectionAgeMs: field(
    milliseconds.nullable(),
    'Age at which a connection is replaced; null: never.',
    defaults.connectionAgeMs,
  ),
  concurrency: field(z.union([off, concurrency]), 'How many calls run at once; false: no limit.'),
  breaker: field(z.union([off, breaker]), 'When a subgraph counts as down and is spared; false: never.'),
  retry: field(z.union([off, retry]), 'When a query is sent again; false: never.'),
  dedupe: field(z.boolean(), 'Whether equal queries under way for one caller share an exchange.', defaults.dedupe),
  compression: field(z.boolean(), 'Whether compressed answers are asked for.', defaults.compression),
  headers: field(headers, 'Which headers subgraphs get.'),
};

/** `SubgraphTraffic`, as a file has it. */
export const trafficConfig = z.strictObject(fields);

/** The same for one subgraph, and where it is. */
export const subgraphConfig = z.strictObject({
  url: field(httpUrl, 'Where it answers, instead of the routing URL of the supergraph.'),
  ...fields,
});
