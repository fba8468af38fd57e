import type { Identity } from '../../lib/identity.ts';
import type { Engine, OperationContext, PreparedOperation } from '../engine.ts';
import type { Authenticate } from '../options.ts';
import type { SubscriptionStream } from '../subscriptions/subscription.ts';
import type { Subscriptions } from '../subscriptions/subscriptions.ts';
import { authenticateWith } from './authenticate.ts';
import { type CachePolicyOf, createCachePolicies } from './cache-control/cache-policies.ts';
import { createFindDocument, type FindDocument } from './documents/documents.ts';
import type { Params } from './params.ts';

/** What the transport of an operation can do. */
export interface Carrier {
  /** Refuses, by throwing, what it cannot carry; asked before anything runs. */
  readonly check?: (operation: PreparedOperation) => void;
  /** Whether it carries parts of an answer later. @default false */
  readonly incremental?: boolean;
}

/**
 * The steps of every operation, whatever brings it: authenticate → read (read-request.ts; ws-protocol.ts) → find its document
 * → prepare → run. Each throws AppError or OperationRejected.
 */
export interface Pipeline {
  authenticate(rawHeaders: readonly string[]): Promise<Identity | null>;
  /** Finds the document and prepares it; a valid one that came with its hash is known by it from then on. */
  prepare(params: Params, context: OperationContext, carrier?: Carrier): Promise<PreparedOperation>;
  /** Runs a query or a mutation. */
  execute: Engine['execute'];
  /** Runs a subscription, from `cursor` when there is one. */
  subscribe(
    operation: PreparedOperation,
    context: OperationContext,
    cursor: string | null,
  ): Promise<SubscriptionStream>;
  /** How long the answer to an operation may be kept, as the supergraph has it. */
  cachePolicyOf: CachePolicyOf;
}

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly engine: Engine;
  readonly subscriptions: Subscriptions;
  readonly authenticate?: Authenticate | undefined;
  /** Absent: documents come with their requests, and none is remembered. */
  readonly findDocument?: FindDocument | undefined;
  /** Whether `@cacheControl` of the supergraph is heeded. @default true */
  readonly cacheControl?: boolean | undefined;
}

const AS_SENT = createFindDocument({ trusted: null, onlyTrusted: false, registered: null });

/** The one pipeline of a gateway. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { engine, subscriptions, authenticate, findDocument = AS_SENT, cacheControl = true } = parts;
  return {
    authenticate: (rawHeaders) => authenticateWith(authenticate, rawHeaders),
    async prepare(params, context, { check, incremental = false } = {}) {
      const { operationName = null, variables = null, extensions = null } = params;
      const { text: query, keep } = findDocument(params);
      const request = { query, operationName, variables, extensions, incremental };
      const operation = await engine.prepare(request, context.identity, context);
      keep?.();
      check?.(operation);
      return operation;
    },
    execute: (operation, context) => engine.execute(operation, context),
    subscribe: (operation, context, cursor) => subscriptions.subscribe(operation, context, cursor),
    cachePolicyOf: createCachePolicies(engine, cacheControl),
  };
}
