import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { SubscriptionStream } from '../subscriptions/subscription.ts';
import { drained } from './drained.ts';
import type { Payload } from './incremental/payloads.ts';

/** An event stream to one client. Spec: html.spec.whatwg.org/multipage/server-sent-events.html; events as graphql-sse names them. */
export interface EventStream {
  /** Resolves when the client can take more, or has gone. */
  next(result: ExecutionResult | Payload, id?: string): Promise<void>;
  /** A comment, or an id alone, which clients keep for `Last-Event-ID` without an event. Left out while the client is behind. */
  beat(id: string | null): void;
  complete(): void;
}

/** Begins the stream: 200 and its headers leave at once. A client that takes nothing for `drainTimeoutMs` is cut off. */
export function openEventStream(response: ServerResponse, drainTimeoutMs: number): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  return {
    async next(result, id) {
      if (response.destroyed) return;
      const idLine = id === undefined ? '' : `id: ${id}\n`;
      const flushed = response.write(`${idLine}event: next\ndata: ${JSON.stringify(result)}\n\n`);
      if (!flushed) await drained(response, drainTimeoutMs);
    },
    beat(id) {
      if (response.destroyed || response.writableNeedDrain) return;
      response.write(id === null ? ':\n\n' : `id: ${id}\n\n`);
    },
    complete() {
      if (!response.destroyed) response.end('event: complete\ndata:\n\n');
    },
  };
}

/** How a subscription is streamed. */
export interface StreamOptions {
  /** Milliseconds between signs of life. */
  readonly heartbeatMs: number;
  /** Milliseconds for which a client may take nothing. */
  readonly drainTimeoutMs: number;
  /** The result that tells the client why its subscription had to end. */
  readonly toResult: (error: unknown) => ExecutionResult;
}

/** Sends a subscription to its end. Its first line is where it stands, so that a client cut off before any event resumes too. */
export async function streamSubscription(
  response: ServerResponse,
  subscription: SubscriptionStream,
  { heartbeatMs, drainTimeoutMs, toResult }: StreamOptions,
): Promise<void> {
  const events = openEventStream(response, drainTimeoutMs);
  const beat = () => events.beat(subscription.idleCursor());
  beat();
  const heartbeat = setInterval(beat, heartbeatMs);
  try {
    for await (const { result, cursor } of subscription) await events.next(result, cursor);
  } catch (error) {
    await events.next(toResult(error));
  } finally {
    clearInterval(heartbeat);
    events.complete();
  }
}
