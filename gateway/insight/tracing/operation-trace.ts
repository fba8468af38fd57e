import {
  type Attributes,
  type Context,
  context as contexts,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { OperationContext, PreparedOperation } from '../../engine.ts';
import type { ExchangeFacts, SubgraphRequest } from '../../transport/transport.ts';
import type { Outcome } from '../outcome.ts';
import { readTraceParent, toTraceHeaders } from './traceparent.ts';

/** A fetch that is being traced. */
export interface FetchTrace {
  /** By which the subgraph goes on with the trace. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null when it is not sampled. */
  readonly end: ((facts: ExchangeFacts | null) => void) | null;
}

/** The trace of one operation, or of one event. All times are of `performance.now()`. */
export interface OperationTrace {
  /** The operation is known from here on. */
  prepared(operation: PreparedOperation, name: string, readyAt: number): void;
  fetch(request: SubgraphRequest): FetchTrace;
  /** A trace of an event of this subscription. */
  event(operation: PreparedOperation, name: string): OperationTrace;
  end(outcome: Outcome): void;
}

/** Where the trace of an operation begins: below the span that is active (an HTTP server's), else where the client's headers say. */
function parentOf({ headers = {} }: OperationContext): Context {
  const active = contexts.active();
  if (trace.getSpanContext(active)) return active;
  const remote = readTraceParent(headers);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function attributesOf({ kind }: PreparedOperation, name: string): Attributes {
  return { 'graphql.operation.type': kind, 'graphql.operation.name': name };
}

function toFetchAttributes(facts: ExchangeFacts): Attributes {
  const { status, sentBytes, receivedBytes, attempts, verdicts, error } = facts;
  return {
    ...(status === null ? {} : { 'http.response.status_code': status }),
    ...(sentBytes === null ? {} : { 'http.request.body.size': sentBytes }),
    ...(receivedBytes === null ? {} : { 'http.response.body.size': receivedBytes }),
    ...(attempts > 1 ? { 'http.request.resend_count': attempts - 1 } : {}),
    ...(verdicts.length > 0 ? { 'tributary.verdicts': [...verdicts] } : {}),
    ...(error === null ? {} : { 'error.type': error }),
  };
}

/** Where a trace stands between the two clocks: wall time in milliseconds, less that of `performance.now()`. */
type Anchor = number;

/**
 * A time of `performance.now()` for the SDK, which would otherwise place each span by an anchor of its own, so that a part may
 * end after its whole.
 */
function toTime(anchor: Anchor, at: number): HrTime {
  const milliseconds = anchor + at;
  return [Math.floor(milliseconds / 1_000), Math.round((milliseconds % 1_000) * 1e6)];
}

class SpanTrace implements OperationTrace {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  readonly #anchor: Anchor;
  #headers: Readonly<Record<string, string>> | null = null;

  constructor(tracer: Tracer, span: Span, { parent, anchor }: { parent: Context; anchor: Anchor }) {
    this.#tracer = tracer;
    this.#span = span;
    this.#anchor = anchor;
    this.#context = trace.setSpan(parent, span);
  }

  prepared(operation: PreparedOperation, name: string, readyAt: number): void {
    if (!this.#span.isRecording()) return;
    this.#span.updateName(`${operation.kind} ${name}`);
    this.#span.setAttributes(attributesOf(operation, name));
    const { preparation } = operation;
    if (!preparation) return;
    const attributes = { 'tributary.plan.result': preparation.plan, 'tributary.plan.read_ms': preparation.readMs };
    const startTime = toTime(this.#anchor, readyAt - preparation.planMs);
    this.#tracer.startSpan('plan', { startTime, attributes }, this.#context).end(toTime(this.#anchor, readyAt));
  }

  fetch({ subgraph, operation }: SubgraphRequest): FetchTrace {
    if (!this.#span.isRecording()) {
      this.#headers ??= toTraceHeaders(this.#span.spanContext());
      return { headers: this.#headers, end: null };
    }
    const attributes: Attributes = {
      'tributary.subgraph': subgraph,
      'graphql.operation.type': operation.kind,
      'http.request.method': 'POST',
    };
    const options = { kind: SpanKind.CLIENT, attributes, startTime: this.#now() };
    const span = this.#tracer.startSpan(`fetch ${subgraph}`, options, this.#context);
    return {
      headers: toTraceHeaders(span.spanContext()),
      end: (facts) => {
        if (facts) span.setAttributes(toFetchAttributes(facts));
        if (facts?.error) span.setStatus({ code: SpanStatusCode.ERROR, message: facts.error });
        span.end(this.#now());
      },
    };
  }

  event(operation: PreparedOperation, name: string): OperationTrace {
    const options = { attributes: attributesOf(operation, name), startTime: this.#now() };
    const span = this.#tracer.startSpan(`event ${name}`, options, this.#context);
    return new SpanTrace(this.#tracer, span, { parent: this.#context, anchor: this.#anchor });
  }

  end({ outcome, code }: Outcome): void {
    this.#span.setAttribute('tributary.outcome', outcome);
    if (code !== null) this.#span.setAttribute('error.type', code);
    if (outcome === 'error') this.#span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? 'error' });
    this.#span.end(this.#now());
  }

  #now(): HrTime {
    return toTime(this.#anchor, performance.now());
  }
}

/** Begins the trace of an operation whose request came at `startedAt` (of `performance.now()`). */
export function beginTrace(tracer: Tracer, context: OperationContext, startedAt: number): OperationTrace {
  const parent = parentOf(context);
  const attributes = { 'tributary.request.id': context.requestId };
  const anchor = Date.now() - performance.now();
  const options = { kind: SpanKind.SERVER, startTime: toTime(anchor, startedAt), attributes };
  return new SpanTrace(tracer, tracer.startSpan('operation', options, parent), { parent, anchor });
}
