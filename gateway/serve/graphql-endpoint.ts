import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { OperationContext, PreparedOperation } from '../engine.ts';
import { type Failure, toFailure } from './failure.ts';
import { MEDIA, type Negotiated, negotiate } from './negotiate.ts';
import type { Params } from './params.ts';
import type { Pipeline } from './pipeline.ts';
import type { BodyLimits } from './read-body.ts';
import { readRequest } from './read-request.ts';
import { methodNotAllowed, Refusal } from './refusal.ts';
import { sendBytes, sendFailure } from './respond.ts';
import { openEventStream, streamSubscription } from './sse.ts';

/** What the endpoint is made of. */
export interface EndpointOptions {
  readonly pipeline: Pipeline;
  readonly body: BodyLimits;
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

/** A signal that is aborted when the client goes before it has its answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function refuseKind({ kind }: PreparedOperation, method: string | undefined, { stream }: Negotiated): void {
  if (kind === 'mutation' && method === 'GET') throw methodNotAllowed('POST', 'A mutation needs POST.');
  if (kind !== 'subscription' || stream) return;
  throw new Refusal('NOT_ACCEPTABLE', `A subscription needs "Accept: ${MEDIA.stream}" or graphql-transport-ws.`);
}

/** The `/graphql` endpoint over POST, GET and server-sent events. */
export function createEndpoint({ pipeline, body, heartbeatMs, drainTimeoutMs, logger }: EndpointOptions): Endpoint {
  async function run(
    { operation, accepted, cursor }: { operation: PreparedOperation; accepted: Negotiated; cursor: string | null },
    context: OperationContext,
    response: ServerResponse,
  ): Promise<void> {
    if (operation.kind === 'subscription') {
      const subscription = await pipeline.subscribe(operation, context, cursor);
      const toResult = (error: unknown) => toErrorResult(toFailure(error, logger, context.requestId).errors);
      return streamSubscription(response, subscription, { heartbeatMs, drainTimeoutMs, toResult });
    }
    const answer = await pipeline.execute(operation, context);
    if (accepted.single) {
      return sendBytes(response, 200, answer.json, { type: accepted.single, headers: answer.headers });
    }
    const events = openEventStream(response, drainTimeoutMs);
    await events.next(answer.result);
    events.complete();
  }

  async function answer(request: IncomingMessage, response: ServerResponse, requestId: string, accepted: Negotiated) {
    const signal = signalOf(response);
    const params = await readRequest(request, body);
    const identity = await pipeline.authenticate(request.rawHeaders);
    const context = { identity, requestId, signal, headers: request.headers };
    const operation = await pipeline.prepare(params.request, context, (prepared) =>
      refuseKind(prepared, request.method, accepted),
    );
    await run({ operation, accepted, cursor: cursorOf(request, params) }, context, response);
  }

  return async (request, response, requestId) => {
    let accepted: Negotiated | null = null;
    try {
      accepted = negotiate(request.headers.accept);
      await answer(request, response, requestId, accepted);
    } catch (error) {
      const failure = toFailure(error, logger, requestId);
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

function toErrorResult(errors: readonly GraphQLFormattedError[]): ExecutionResult {
  // Formatted already; ExecutionResult asks for GraphQLError instances, which JSON would turn into the same.
  return { errors } as unknown as ExecutionResult;
}
