import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Logger } from '../../lib/logger.ts';
import type { Answer } from '../answer.ts';
import type { OperationContext, PreparedOperation } from '../engine.ts';
import type { SubscriptionStream } from '../subscriptions/subscription.ts';
import { answerBatch } from './batch.ts';
import { cacheHeaderOf } from './cache-control/cache-header.ts';
import type { CommonHeaders } from './common-headers.ts';
import { chooseEncoding } from './compression.ts';
import { toFailure } from './failure.ts';
import { sendMultipart } from './incremental/multipart.ts';
import { type Payload, toPayloads } from './incremental/payloads.ts';
import type { IncrementalForm, Negotiated } from './negotiate.ts';
import { toParams } from './params.ts';
import type { Pipeline } from './pipeline.ts';
import { Refusal } from './refusal.ts';
import { createSendAnswer } from './send-answer.ts';
import { openEventStream, streamSubscription } from './sse.ts';

/** One HTTP request and what its client takes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly accepted: Negotiated;
}

/** What deliveries are made with. */
export interface DeliveryOptions {
  readonly pipeline: Pipeline;
  readonly compressFrom: number | null;
  readonly common: CommonHeaders;
  readonly heartbeatMs: number;
  readonly drainTimeoutMs: number;
  readonly logger: Logger;
}

/** How answers leave, in the form that was negotiated. */
export interface Delivery {
  answer(exchange: Exchange, operation: PreparedOperation, answer: Answer, context: OperationContext): Promise<void>;
  subscription(exchange: Exchange, subscription: SubscriptionStream): Promise<void>;
  /** Runs the entries of a list and answers with a list. */
  batch(exchange: Exchange, entries: readonly unknown[], context: OperationContext): Promise<void>;
}

/** Refuses, in a list, what only a stream could answer. */
function refuseStreamed({ kind }: PreparedOperation): void {
  if (kind === 'subscription') throw new Refusal('NOT_ACCEPTABLE', 'A subscription cannot be in a batch.');
}

/** Deliveries over HTTP: JSON, `multipart/mixed`, server-sent events. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { pipeline, compressFrom, common, heartbeatMs, drainTimeoutMs, logger } = options;
  const send = createSendAnswer(common, compressFrom);
  const errorsOf = (error: unknown, requestId: string) => toFailure(error, logger, requestId).errors;

  async function batch(
    { response, requestId, accepted }: Exchange,
    entries: readonly unknown[],
    context: OperationContext,
  ) {
    const { single: type } = accepted;
    if (type === null) throw new Refusal('NOT_ACCEPTABLE', 'A batch is answered in JSON.');
    const run = async (entry: unknown) => {
      const operation = await pipeline.prepare(toParams(entry), context, { check: refuseStreamed });
      return (await pipeline.execute(operation, context)).json;
    };
    const bytes = await answerBatch(entries, run, (error) => errorsOf(error, requestId));
    return send(response, requestId, { status: 200, bytes, type, headers: {}, cacheControl: null });
  }

  return {
    async answer(exchange, operation, answer, context) {
      const { response, requestId, accepted } = exchange;
      const { single: type, multipart: form } = accepted;
      if (form !== null && (answer.deferred || type === null)) return sendParts(exchange, { answer, form }, options);
      if (type === null) return sendEvents(exchange, answer, options);
      const cacheControl = cacheHeaderOf({ operation, answer, context }, pipeline.cachePolicyOf);
      return send(response, requestId, {
        status: 200,
        bytes: answer.json,
        type,
        headers: answer.headers,
        cacheControl,
      });
    },
    subscription({ response, requestId }, subscription) {
      common.set(response, requestId);
      const toResult = (error: unknown): ExecutionResult =>
        // Formatted already; ExecutionResult asks for GraphQLError instances, which JSON would turn into the same.
        ({ errors: errorsOf(error, requestId) }) as unknown as ExecutionResult;
      return streamSubscription(response, subscription, { heartbeatMs, drainTimeoutMs, toResult });
    },
    batch,
  };
}

/** As `multipart/mixed`, of one part when nothing comes later. */
function sendParts(
  { request, response, requestId }: Exchange,
  { answer, form }: { answer: Answer; form: IncrementalForm },
  { common, compressFrom, drainTimeoutMs, logger }: DeliveryOptions,
): Promise<void> {
  common.set(response, requestId);
  const encoding = compressFrom === null ? null : chooseEncoding(request.headers['accept-encoding']);
  const payloads = payloadsOf(answer, form, (err) => logger.error({ err, requestId }, 'a deferred part failed'));
  return sendMultipart(response, payloads, { form, encoding, drainTimeoutMs, headers: answer.headers });
}

/** As events, for a client that takes nothing else; what comes later in the older form. */
async function sendEvents(
  { response, requestId }: Exchange,
  answer: Answer,
  { common, drainTimeoutMs, logger }: DeliveryOptions,
): Promise<void> {
  common.set(response, requestId);
  const stream = openEventStream(response, drainTimeoutMs);
  if (answer.deferred) {
    const onFailure = (err: unknown) => logger.error({ err, requestId }, 'a deferred part failed');
    for await (const payload of payloadsOf(answer, '20220824', onFailure)) {
      await stream.next(payload);
      if (response.destroyed) return;
    }
  } else await stream.next(answer.result);
  stream.complete();
}

function payloadsOf(
  { result, deferred }: Answer,
  form: IncrementalForm,
  onFailure: (error: unknown) => void,
): AsyncIterable<Payload> {
  return deferred ? toPayloads({ result, deferred, form, onFailure }) : single({ ...result, hasNext: false });
}

async function* single(payload: Payload): AsyncGenerator<Payload, void, void> {
  yield payload;
}
