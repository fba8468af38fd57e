import type { Bus, BusRecord, Position } from '../../events/bus.ts';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Engine, type OperationContext, OperationRejected, type PreparedOperation } from '../engine.ts';
import { type EventSource, readEventSources } from '../supergraph/event-sources.ts';
import { type CursorCodec, createCursorCodec } from './cursor.ts';
import { createDecoder, type SubscriptionEvent } from './decode.ts';
import { type FeedOptions, openFeed } from './feed.ts';
import { checkCondition } from './filter.ts';
import { createGate, type GateOptions } from './gate.ts';
import { createHub, type Hub } from './hub.ts';
import { type RootField, rootFieldOf } from './root-field.ts';
import { Subscription, type SubscriptionStream } from './subscription.ts';
import { checkTemplate, toClaims } from './template.ts';
import { topicsOf } from './topics.ts';

/** Runs subscriptions whose fields are driven by the bus. */
export interface Subscriptions {
  /**
   * Subscribes; nothing published after it resolves is missed. With a cursor it goes on after the message that carried it.
   * Throws OperationRejected for a field the caller has no right to, AppError BAD_REQUEST, BAD_USER_INPUT, CURSOR_INVALID,
   * CURSOR_EXPIRED or NOT_FOUND.
   */
  subscribe(
    operation: PreparedOperation,
    context: OperationContext,
    cursor?: string | null,
  ): Promise<SubscriptionStream>;
  /** Ends all of them, without an error to their clients. */
  close(): void;
}

/** What subscriptions are made of. */
export interface SubscriptionsOptions {
  readonly engine: Engine;
  /** Absent: every event-driven field refuses. */
  readonly bus?: Bus;
  readonly cursorSecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Events that may wait for one slow client. @default 1 000 */
  readonly bufferLimit?: number;
}

const DEFAULT_BUFFER_LIMIT = 1_000;

/** The supergraph's event sources, their filters and templates checked. */
function readCheckedSources(supergraphSdl: string): ReadonlyMap<string, EventSource> {
  const sources = readEventSources(supergraphSdl);
  for (const { topics, condition } of sources.values()) {
    for (const topic of topics) checkTemplate(topic);
    if (condition) checkCondition(condition);
  }
  return sources;
}

/** An unknown topic is the bus's EVENT_INVALID, which speaks to publishers; a subscriber asked for something that is not there. */
function toSubscriberError(error: unknown): unknown {
  const unknownTopic = error instanceof AppError && error.code === 'EVENT_INVALID';
  return unknownTopic ? new AppError('NOT_FOUND', 'There is no such event stream.', { cause: error }) : error;
}

function noSource(): AppError {
  return new AppError('BAD_REQUEST', 'This gateway has no source of events for this field.');
}

function refuseDenied(operation: PreparedOperation, field: RootField): void {
  const denied = operation.denied.find(({ path }) => path?.length === 1 && path[0] === field.responseName);
  if (denied) throw new OperationRejected([denied], 403);
}

interface Driver {
  readonly bus: Bus;
  readonly hub: Hub;
  readonly decode: (record: BusRecord) => SubscriptionEvent | null;
}

/** The parts of one subscription that its operation and its caller decide. */
interface Plan {
  readonly gate: GateOptions;
  readonly topics: readonly string[];
  readonly from: readonly Position[] | null;
  readonly toCursor: (positions: readonly Position[]) => string;
}

class BusSubscriptions implements Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #sources: ReadonlyMap<string, EventSource>;
  readonly #codec: CursorCodec;
  readonly #driver: Driver | null;
  readonly #running = new Set<Subscription>();
  #closed = false;

  constructor(options: SubscriptionsOptions) {
    const { engine, bus, cursorSecret, logger } = options;
    const decode = createDecoder(logger);
    this.#options = options;
    this.#sources = readCheckedSources(engine.supergraphSdl);
    this.#codec = createCursorCodec(cursorSecret);
    this.#driver = bus ? { bus, hub: createHub(bus, decode), decode } : null;
  }

  async subscribe(operation: PreparedOperation, context: OperationContext, cursor: string | null = null) {
    if (this.#closed) throw new AppError('SHUTTING_DOWN', 'The server is stopping.');
    const plan = this.#plan(operation, context.identity, cursor);
    if (!this.#driver) throw noSource();
    const subscription = this.#open(plan, context);
    const onEvent: FeedOptions['onEvent'] = (event, positions, live) => subscription.accept(event, positions, live);
    try {
      subscription.attach(await openFeed({ ...this.#driver, topics: plan.topics, from: plan.from, onEvent }));
    } catch (error) {
      subscription.end();
      throw toSubscriberError(error);
    }
    return subscription;
  }

  close(): void {
    this.#closed = true;
    for (const subscription of [...this.#running]) subscription.end();
  }

  #plan(operation: PreparedOperation, identity: Identity | null, cursor: string | null): Plan {
    const { schema } = this.#options.engine;
    const field = rootFieldOf(schema, operation);
    refuseDenied(operation, field);
    const source = this.#sources.get(field.definition.name);
    if (!source) throw noSource();
    const scope = { args: field.args, claims: toClaims(identity) };
    const topics = topicsOf(source, scope);
    const binding = { topics, tenant: identity?.tenant ?? null };
    return {
      gate: { schema, operation, identity, field, source, scope, logger: this.#options.logger },
      topics,
      from: cursor === null ? null : this.#codec.decode(cursor, binding),
      toCursor: (positions) => this.#codec.encode(positions, binding),
    };
  }

  #open({ gate, toCursor }: Plan, context: OperationContext): Subscription {
    const { engine, clock, bufferLimit = DEFAULT_BUFFER_LIMIT } = this.#options;
    const end = () => subscription.end();
    const subscription = new Subscription({
      identity: context.identity,
      clock,
      bufferLimit,
      accepts: createGate(gate),
      execute: ({ payload }) => engine.executeEvent(gate.operation, payload, { ...context }),
      toCursor,
      onEnd: () => {
        this.#running.delete(subscription);
        context.signal.removeEventListener('abort', end);
      },
    });
    this.#running.add(subscription);
    context.signal.addEventListener('abort', end, { once: true });
    if (context.signal.aborted) end();
    return subscription;
  }
}

/** Subscriptions of a supergraph. AppError SUPERGRAPH_INVALID when a filter or a template in it cannot be used. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  return new BusSubscriptions(options);
}
