import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { OperationContext } from '../engine.ts';
import { checkBatch } from './batch.ts';
import { clientSignal } from './client-signal.ts';
import type { CommonHeaders } from './common-headers.ts';
import { createDelivery, type Exchange } from './delivery.ts';
import { type Failure, toFailure } from './failure.ts';
import { MEDIA, type Negotiated, negotiate } from './negotiate.ts';
import { type Params, toParams } from './params.ts';
import type { Carrier, Pipeline } from './pipeline.ts';
import { type BodyLimits, drainBody } from './read-body.ts';
import { readRequest } from './read-request.ts';
import { methodNotAllowed, Refusal } from './refusal.ts';
import { sendFailure } from './respond.ts';

/** What the endpoint is made of. */
export interface EndpointOptions {
  readonly pipeline: Pipeline;
  readonly body: BodyLimits;
  /** Operations in one list; null where lists are refused. */
  readonly maxBatch: number | null;
  /** Bytes from which answers are compressed; null for never. */
  readonly compressFrom: number | null;
  readonly common: CommonHeaders;
  readonly heartbeatMs: number;
  readonly drainTimeoutMs: number;
  readonly logger: Logger;
}

/** Answers one request to `/graphql`; never rejects. */
export type Endpoint = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>;

/** What is wrong with a document or its variables, as opposed to the request: `application/json` answers 200 for it. */
const DOCUMENT_CODES = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
]);

function statusOf({ status, errors }: Failure, legacy: boolean): number {
  const ofDocument = errors.every(({ extensions }) => DOCUMENT_CODES.has(extensions?.['code']));
  return legacy && ofDocument ? 200 : status;
}

function toCarrier({ stream, single, multipart }: Negotiated, isGet: boolean): Carrier {
  return {
    check({ kind }) {
      if (kind === 'mutation' && isGet) throw methodNotAllowed('POST', 'A mutation needs POST.');
      if (kind !== 'subscription' || stream) return;
      throw new Refusal('NOT_ACCEPTABLE', `A subscription needs "Accept: ${MEDIA.stream}" or graphql-transport-ws.`);
    },
    incremental: multipart !== null || (stream && single === null),
  };
}

/** Negotiations are shared by requests, and so is what follows from them. */
const carriers = { GET: new WeakMap<Negotiated, Carrier>(), POST: new WeakMap<Negotiated, Carrier>() };

function carrierOf(accepted: Negotiated, isGet: boolean): Carrier {
  const known = isGet ? carriers.GET : carriers.POST;
  const found = known.get(accepted);
  if (found) return found;
  const carrier = toCarrier(accepted, isGet);
  known.set(accepted, carrier);
  return carrier;
}

/** The `/graphql` endpoint over POST, GET, `multipart/mixed` and server-sent events. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { pipeline, body, maxBatch, common, logger } = options;
  const deliver = createDelivery(options);

  async function one(params: Params, exchange: Exchange, context: OperationContext): Promise<void> {
    const { request, accepted } = exchange;
    const operation = await pipeline.prepare(params, context, carrierOf(accepted, request.method === 'GET'));
    if (operation.kind === 'subscription') {
      const subscription = await pipeline.subscribe(operation, context, cursorOf(request, params));
      return deliver.subscription(exchange, subscription);
    }
    return deliver.answer(exchange, operation, await pipeline.execute(operation, context), context);
  }

  async function answer(exchange: Exchange, context: OperationContext): Promise<void> {
    const value = await readRequest(exchange.request, body);
    if (!Array.isArray(value)) return one(toParams(value), exchange, context);
    checkBatch(value, maxBatch);
    return deliver.batch(exchange, value, context);
  }

  return async (request, response, requestId) => {
    let accepted: Negotiated | null = null;
    try {
      // Who has no token learns nothing: not even which media types, methods and bodies would have been right.
      const identity = await pipeline.authenticate(request.rawHeaders);
      accepted = negotiate(request.headers.accept);
      const context = { identity, requestId, headers: request.headers, signal: clientSignal(response) };
      await answer({ request, response, requestId, accepted }, context);
    } catch (error) {
      const failure = toFailure(error, logger, requestId);
      drainBody(request, body);
      if (!response.headersSent) common.set(response, requestId);
      const status = statusOf(failure, accepted?.legacy ?? false);
      sendFailure(response, { ...failure, status }, accepted?.single ?? undefined);
    }
  };
}

/** `Last-Event-ID` is what an EventSource reconnects with, hence newer than what its request body may hold. */
function cursorOf(request: IncomingMessage, { cursor }: Params): string | null {
  const header = request.headers['last-event-id'];
  if (Array.isArray(header)) throw new AppError('CURSOR_INVALID', 'The cursor is not one of this subscription.');
  return header ? header : cursor;
}
