import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { type Context, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { OperationContext, PreparedOperation } from '../engine.ts';
import type { SubscriptionMessage, SubscriptionStream } from '../subscriptions/subscription.ts';
import { toFailure } from './failure.ts';
import type { InFlight } from './in-flight.ts';
import { toParams } from './params.ts';
import type { Pipeline } from './pipeline.ts';
import { streamAnswer } from './ws-answer.ts';
import type { Session } from './ws-session.ts';

/** What the protocol server is made of. */
export interface ProtocolOptions {
  readonly pipeline: Pipeline;
  readonly schema: GraphQLSchema;
  readonly inFlight: InFlight;
  readonly logger: Logger;
  /** Operations at once on one socket. */
  readonly maxOperations: number;
  /** Milliseconds a client may take to initialise the connection. */
  readonly initTimeoutMs: number;
}

/** What a session's context carries in graphql-ws. */
export interface Extra {
  readonly session: Session;
}

type Ctx = Context<Record<string, unknown>, Extra>;

/** An operation between graphql-ws's hooks: prepared, and if it is a subscription, already running. */
interface Prepared {
  readonly operation: PreparedOperation;
  readonly context: OperationContext;
  readonly stream: SubscriptionStream | null;
}

/** A GraphQLError that serialises to exactly the formatted error, locations included. */
function toInstance({ message, path, locations, extensions }: ReturnType<GraphQLError['toJSON']>): GraphQLError {
  const error = new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null });
  return Object.assign(error, locations ? { locations } : {});
}

/** Every message of a subscription with `extensions.cursor`, from which a later subscribe resumes. */
function withCursors(stream: SubscriptionStream): AsyncGenerator<ExecutionResult, void, void> {
  const toResult = ({
    done,
    value,
  }: IteratorResult<SubscriptionMessage, void>): IteratorResult<ExecutionResult, void> =>
    done || !value
      ? { done: true, value: undefined }
      : { done: false, value: { ...value.result, extensions: { ...value.result.extensions, cursor: value.cursor } } };
  const generator: AsyncGenerator<ExecutionResult, void, void> = {
    next: async () => toResult(await stream.next()),
    return: async () => toResult(await stream.return()),
    throw: async (error) => toResult(await stream.throw(error)),
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => stream.end(),
  };
  return generator;
}

/** A query or a mutation, cancelled when the client completes it or goes; its parts that come later follow. */
function execute({ operation, context }: Prepared, { pipeline, inFlight, logger }: ProtocolOptions) {
  const onFailure = (err: unknown) => logger.error({ err, requestId: context.requestId }, 'a deferred part failed');
  const run = (signal: AbortSignal) => inFlight.track(() => pipeline.execute(operation, { ...context, signal }));
  return streamAnswer({ run, session: context.signal, onFailure });
}

/** Where the bearer token of a connection stands: `connectionParams.authorization` (either case), else the upgrade's headers. */
function headersOf({ connectionParams, extra }: Ctx): readonly string[] {
  const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
  return typeof given === 'string' ? ['authorization', given] : extra.session.rawHeaders;
}

/**
 * graphql-transport-ws over the one pipeline. Codes: 4408 no init in time, 4429 init twice, 4409 id in use, 4401 no valid token
 * or no init, 4400 not a message. Spec: github.com/enisdenjo/graphql-ws, PROTOCOL.md.
 */
export function createProtocol(options: ProtocolOptions): Server<Extra> {
  const { pipeline, schema, logger, maxOperations, initTimeoutMs } = options;

  async function onConnect(ctx: Ctx): Promise<void> {
    const { session } = ctx.extra;
    try {
      session.begin(await pipeline.authenticate(headersOf(ctx)));
    } catch (error) {
      if (!(error instanceof AppError))
        logger.error({ err: error, requestId: session.requestId }, 'authentication failed');
      session.refuse();
    }
  }

  async function prepare(session: Session, payload: SubscribePayload): Promise<ExecutionArgs> {
    const identity = session.identity;
    if (identity === undefined) throw new AppError('UNAUTHENTICATED', 'The connection is not initialised.');
    const params = toParams(payload);
    const { requestId, signal, headers } = session;
    const context = { identity, requestId, signal, headers };
    const operation = await pipeline.prepare(params, context, { incremental: true });
    const stream =
      operation.kind === 'subscription' ? await pipeline.subscribe(operation, context, params.cursor) : null;
    const contextValue: Prepared = { operation, context, stream };
    return { schema, document: operation.document, operationName: operation.name, contextValue };
  }

  async function onSubscribe(ctx: Ctx, _id: string, payload: SubscribePayload) {
    const { session } = ctx.extra;
    try {
      if (Object.keys(ctx.subscriptions).length > maxOperations) {
        throw new AppError('LIMIT_EXCEEDED', `A socket runs at most ${maxOperations} operations at once.`);
      }
      return await prepare(session, payload);
    } catch (error) {
      return toFailure(error, logger, session.requestId).errors.map(toInstance);
    }
  }

  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: initTimeoutMs,
    onConnect,
    onSubscribe,
    execute: ({ contextValue }) => execute(contextValue as Prepared, options),
    subscribe: ({ contextValue }) => {
      const { stream } = contextValue as Prepared;
      // Never null: `prepare` made it for every subscription.
      return stream ? withCursors(stream) : Promise.reject(new AppError('INTERNAL', 'The subscription has no stream.'));
    },
    // The result is formatted already; graphql-ws would ask its errors for toJSON.
    onNext: (_ctx, _id, _payload, _args, result) => result as unknown as FormattedExecutionResult,
    onError: (ctx, _id, _payload, errors) => {
      const [first] = errors;
      return first?.originalError
        ? [...toFailure(first.originalError, logger, ctx.extra.session.requestId).errors]
        : undefined;
    },
  });
}
