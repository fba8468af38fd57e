import type { Cause, TributaryEvent } from '../../events/event.ts';
import { type Clock, toTimestamp } from '../../lib/clock.ts';
import { newUlid } from '../../lib/ids.ts';

/** That an entity changed. */
export interface Change {
  /** The subgraph that says it. */
  readonly service: string;
  /** For example `crm.account.updated`. */
  readonly type: string;
  readonly typename: string;
  readonly id: string;
  readonly tenant: string;
  /** Of the entity, after the change. */
  readonly version: number;
  /** Names of changed fields as the graph has them. */
  readonly changed: readonly string[];
  /** What the topic's events carry beside that. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** @default 'LIVE' */
  readonly cause?: Cause;
}

/** The event of a change, ready for the outbox. */
export function toChangeEvent(change: Change, clock: Clock): TributaryEvent {
  const { service, type, typename, id, tenant, version, changed, facts, cause } = change;
  return {
    id: newUlid(clock.now()),
    source: `/${service}`,
    type,
    subject: id,
    time: toTimestamp(clock),
    tenant,
    cause: cause ?? 'LIVE',
    data: { ...facts, __typename: typename, id, type, version, changed },
  };
}
