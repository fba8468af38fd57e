import type { Call, Reply } from '../../../../gateway/transport/call.ts';
import { newNotes } from '../../../../gateway/transport/exchange-notes.ts';
import { Lifetime } from '../../../../gateway/transport/lifetime.ts';
import type { SubgraphRequest } from '../../../../gateway/transport/transport.ts';
import { requestTo } from '../subgraph-server.ts';

/** A call as the transport makes it, and its lifetime. */
export function callOf(
  parts: Partial<SubgraphRequest> & {
    body?: string;
    lines?: string;
    timeoutMs?: number;
    kind?: 'query' | 'mutation';
  } = {},
): Call {
  const { body = '{}', lines = '', timeoutMs = 5_000, ...rest } = parts;
  const request = requestTo(rest);
  const lifetime = new Lifetime({ subgraph: 'crm', timeoutMs, signal: request.signal });
  return { request, body, headers: lines, marks: '', lifetime, notes: newNotes() };
}

/** A reply without a body. */
export function replyOf(status = 200, retryAfter: string | null = null): Reply {
  return { status, bytes: Buffer.from('{"data":{}}'), contentType: 'application/json', retryAfter };
}

/** A promise and how to settle it. */
export function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((resolved, rejected) => {
    [resolve, reject] = [resolved, rejected];
  });
  return { promise, resolve, reject };
}

/** Lets what is due happen. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
