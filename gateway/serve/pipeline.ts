import type { Identity } from '../../lib/identity.ts';
import type { Engine, GraphQLRequest, OperationContext, PreparedOperation } from '../engine.ts';
import type { Authenticate } from '../options.ts';
import type { SubscriptionStream } from '../subscriptions/subscription.ts';
import type { Subscriptions } from '../subscriptions/subscriptions.ts';
import { authenticateWith } from './authenticate.ts';

/**
 * The steps of every operation, whatever brings it: read (read-request.ts; websocket.ts) → authenticate → prepare → run.
 * Each throws AppError or OperationRejected.
 */
export interface Pipeline {
  authenticate(rawHeaders: readonly string[]): Promise<Identity | null>;
  /** `check` refuses, by throwing, what the transport cannot carry; it is asked before anything runs. */
  prepare(
    request: GraphQLRequest,
    context: OperationContext,
    check?: (operation: PreparedOperation) => void,
  ): Promise<PreparedOperation>;
  /** Runs a query or a mutation. */
  execute: Engine['execute'];
  /** Runs a subscription, from `cursor` when there is one. */
  subscribe(
    operation: PreparedOperation,
    context: OperationContext,
    cursor: string | null,
  ): Promise<SubscriptionStream>;
}

/** The one pipeline of a gateway. */
export function createPipeline(parts: {
  engine: Engine;
  subscriptions: Subscriptions;
  authenticate?: Authenticate | undefined;
}): Pipeline {
  const { engine, subscriptions, authenticate } = parts;
  return {
    authenticate: (rawHeaders) => authenticateWith(authenticate, rawHeaders),
    async prepare(request, context, check) {
      const operation = await engine.prepare(request, context.identity, context);
      check?.(operation);
      return operation;
    },
    execute: (operation, context) => engine.execute(operation, context),
    subscribe: (operation, context, cursor) => subscriptions.subscribe(operation, context, cursor),
  };
}
