import { createTraceState, isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { ClientHeaders } from '../../engine.ts';

/** Version, trace id, parent id, flags; versions to come may have more behind them. */
const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** W3C lets receivers drop what is longer. */
const STATE_LIMIT = 512;

/**
 * The span a client's request is part of, by its `traceparent` and `tracestate`; null when it names none or is malformed.
 * https://www.w3.org/TR/trace-context/
 */
export function readTraceParent(headers: ClientHeaders): SpanContext | null {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = SHAPE.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  const state = typeof tracestate === 'string' && tracestate.length <= STATE_LIMIT ? tracestate : null;
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(state ? { traceState: createTraceState(state) } : {}),
  };
  return isSpanContextValid(context) ? context : null;
}

/** The headers by which a subgraph knows the span that calls it. */
export function toTraceHeaders({ traceId, spanId, traceFlags, traceState }: SpanContext): Record<string, string> {
  const traceparent = `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? '01' : '00'}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}
