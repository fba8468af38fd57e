import type { GraphQLSchema } from 'graphql';
import type { Identity } from '../../lib/identity.ts';
import type { Logger } from '../../lib/logger.ts';
import type { PreparedOperation } from '../engine.ts';
import type { EventSource } from '../supergraph/event-sources.ts';
import type { SubscriptionEvent } from './decode.ts';
import { createFilter } from './filter.ts';
import { createPayloadCheck } from './payload-check.ts';
import type { RootField } from './root-field.ts';
import type { TemplateScope } from './template.ts';

/** What decides which events reach one subscriber. */
export interface GateOptions {
  readonly schema: GraphQLSchema;
  readonly operation: PreparedOperation;
  readonly identity: Identity | null;
  readonly field: RootField;
  readonly source: EventSource;
  readonly scope: TemplateScope;
  readonly logger: Logger;
}

/**
 * Whether an event is for a subscriber, decided before anything is executed: it is of the caller's tenant (an event of none is
 * nobody's), the filter holds, and the payload can drive the operation. What cannot is logged once for each thing that is wrong.
 */
export function createGate(options: GateOptions): (event: SubscriptionEvent) => boolean {
  const { schema, operation, identity, field, source, scope, logger } = options;
  const filter = createFilter(source.condition, scope);
  const check = createPayloadCheck(schema, operation, field);
  const reported = new Set<string>();

  function isComplete(payload: SubscriptionEvent['payload']): boolean {
    const wrong = check(payload);
    if (wrong === null) return true;
    if (!reported.has(wrong)) logger.warn({ field: source.field, wrong }, 'event passed over: its payload lacks this');
    reported.add(wrong);
    return false;
  }

  return ({ tenant, payload }) =>
    (identity === null || tenant === identity.tenant) && filter(payload) && isComplete(payload);
}
