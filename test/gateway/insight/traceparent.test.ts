import { expect, it } from 'vitest';
import { readTraceParent, toTraceHeaders } from '../../../gateway/insight/tracing/traceparent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

it.each([
  ['sampled', `00-${TRACE}-${SPAN}-01`, 1],
  ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
  ['with flags to come', `00-${TRACE}-${SPAN}-ff`, 1],
  ['of a version to come', `cc-${TRACE}-${SPAN}-01`, 1],
  ['of a version to come, with more', `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, 1],
])('a traceparent %s is read', (_, traceparent, traceFlags) => {
  expect(readTraceParent({ traceparent })).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
});

it.each([
  ['of a forbidden version', `ff-${TRACE}-${SPAN}-01`],
  ['of this version, with more', `00-${TRACE}-${SPAN}-01-more`],
  ['without a trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['without a parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['in capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['that is none', 'none'],
  ['that is empty', ''],
])('a traceparent %s is not', (_, traceparent) => {
  expect(readTraceParent({ traceparent })).toBeNull();
});

it('two of them are none', () => {
  expect(readTraceParent({ traceparent: [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`] })).toBeNull();
});

it('what is read is written the same, with its state', () => {
  const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1,b=2' };
  const context = readTraceParent(headers);
  expect(context && toTraceHeaders(context)).toEqual(headers);
});

it('a state that is too long is dropped', () => {
  const context = readTraceParent({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: `a=${'x'.repeat(600)}` });
  expect(context && toTraceHeaders(context)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-01` });
});
