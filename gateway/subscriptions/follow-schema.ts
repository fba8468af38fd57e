import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Logger } from '../../lib/logger.ts';
import { type OperationContext, OperationRejected, type PreparedOperation } from '../engine.ts';
import type { SchemaChanges } from '../live/schema-changes.ts';
import type { SubscriptionEvent } from './decode.ts';
import { createGate, type GateOptions } from './gate.ts';
import type { Subscription } from './subscription.ts';

/** A running subscription and what the schema decides of it. */
export interface Running {
  readonly subscription: Subscription;
  readonly context: OperationContext;
  readonly topics: readonly string[];
  /** Replaced as one when the schema changes. */
  current: { readonly operation: PreparedOperation; readonly accepts: (event: SubscriptionEvent) => boolean };
}

/** What a renewed operation asks for. Throws when that cannot be had. */
export type Replan = (
  operation: PreparedOperation,
  identity: Identity | null,
) => { readonly gate: GateOptions; readonly topics: readonly string[] };

/** So many are renewed before others get a turn. */
const BATCH = 32;

/**
 * Keeps subscriptions running when the schema changes: each is prepared anew and goes on from where it is, with the filter the
 * new schema has. One that is no longer valid, no longer allowed, or fed from other topics ends with SCHEMA_CHANGED. Returns
 * how to stop following.
 */
export function followSchema(options: {
  changes: SchemaChanges;
  running: ReadonlySet<Running>;
  replan: Replan;
  logger: Logger;
}): () => void {
  const { changes, running, replan, logger } = options;
  let turn: Promise<void> = Promise.resolve();

  async function renew(one: Running): Promise<void> {
    try {
      const operation = await changes.renew(one.current.operation, one.context);
      if (operation === one.current.operation) return;
      const { gate, topics } = replan(operation, one.context.identity);
      if (topics.join('\n') !== one.topics.join('\n')) throw new Error('Its events come from elsewhere now.');
      one.current = { operation, accepts: createGate(gate) };
    } catch (error) {
      one.subscription.fail(schemaChanged(error));
    }
  }
  async function renewAll(): Promise<void> {
    const before = running.size;
    let count = 0;
    for (const one of [...running]) {
      await renew(one);
      count += 1;
      if (count % BATCH === 0) await new Promise(setImmediate);
    }
    if (count > 0) logger.info({ subscriptions: before, kept: running.size }, 'Subscriptions follow the new schema.');
  }
  return changes.onSchemaChange(() => {
    turn = turn.then(renewAll);
  });
}

function schemaChanged(cause: unknown): AppError {
  const reason = cause instanceof OperationRejected ? cause.errors[0]?.message : undefined;
  return new AppError('SCHEMA_CHANGED', 'The schema changed and no longer has what this subscription asks for.', {
    cause,
    ...(reason === undefined ? {} : { extensions: { reason } }),
  });
}
