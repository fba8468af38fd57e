import type { Bus, BusRecord, Position } from '../../events/bus.ts';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Engine, type OperationContext, OperationRejected, type PreparedOperation } from '../engine.ts';
import type { SchemaChanges } from '../live/schema-changes.ts';
import type { EventSource } from '../supergraph/event-sources.ts';
import { type CursorCodec, createCursorCodec } from './cursor.ts';
import { createDecoder, type SubscriptionEvent } from './decode.ts';
import { checkEventSources } from './event-sources-check.ts';
import { type FeedOptions, openFeed } from './feed.ts';
import { followSchema, type Replan, type Running } from './follow-schema.ts';
import { createGate, type GateOptions } from './gate.ts';
import { createHub, type Hub } from './hub.ts';
import { type RootField, rootFieldOf } from './root-field.ts';
import { Subscription, type SubscriptionStream } from './subscription.ts';
import { toClaims } from './template.ts';
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
  /** How many are open. */
  readonly running: number;
  /** Ends all of them, without an error to their clients. */
  close(): void;
}

/** What subscriptions are made of. */
export interface SubscriptionsOptions {
  readonly engine: Engine;
  /** How its schema changes: running subscriptions follow. @default it never does */
  readonly changes?: SchemaChanges;
  /** Absent: every event-driven field refuses. */
  readonly bus?: Bus;
  readonly cursorSecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Events that may wait for one slow client. @default 1 000 */
  readonly bufferLimit?: number;
}

const DEFAULT_BUFFER_LIMIT = 1_000;

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
  readonly #codec: CursorCodec;
  readonly #driver: Driver | null;
  readonly #running = new Set<Running>();
  readonly #stopFollowing: () => void;
  #known: { readonly sdl: string; readonly sources: ReadonlyMap<string, EventSource> };
  #closed = false;

  constructor(options: SubscriptionsOptions) {
    const { engine, changes, bus, cursorSecret, logger } = options;
    const decode = createDecoder(logger);
    this.#options = options;
    this.#known = { sdl: engine.supergraphSdl, sources: checkEventSources(engine.supergraphSdl) };
    this.#codec = createCursorCodec(cursorSecret);
    this.#driver = bus ? { bus, hub: createHub(bus, decode), decode } : null;
    const replan: Replan = (operation, identity) => this.#plan(operation, identity, null);
    this.#stopFollowing = changes ? followSchema({ changes, running: this.#running, replan, logger }) : () => {};
  }

  async subscribe(given: PreparedOperation, context: OperationContext, cursor: string | null = null) {
    if (this.#closed) throw new AppError('SHUTTING_DOWN', 'The server is stopping.');
    const { changes } = this.#options;
    const operation = changes ? await changes.renew(given, context) : given;
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

  get running(): number {
    return this.#running.size;
  }

  close(): void {
    this.#closed = true;
    this.#stopFollowing();
    for (const { subscription } of [...this.#running]) subscription.end();
  }

  /** The event sources of the schema that serves now. */
  get #sources(): ReadonlyMap<string, EventSource> {
    const { supergraphSdl: sdl } = this.#options.engine;
    if (sdl !== this.#known.sdl) this.#known = { sdl, sources: checkEventSources(sdl) };
    return this.#known.sources;
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

  #open({ gate, topics, toCursor }: Plan, context: OperationContext): Subscription {
    const { engine, clock, bufferLimit = DEFAULT_BUFFER_LIMIT } = this.#options;
    const end = () => subscription.end();
    const subscription = new Subscription({
      identity: context.identity,
      clock,
      bufferLimit,
      accepts: (event) => running.current.accepts(event),
      execute: ({ payload }) => engine.executeEvent(running.current.operation, payload, { ...context }),
      toCursor,
      onEnd: () => {
        this.#running.delete(running);
        context.signal.removeEventListener('abort', end);
      },
    });
    const current = { operation: gate.operation, accepts: createGate(gate) };
    const running: Running = { subscription, context, topics, current };
    this.#running.add(running);
    context.signal.addEventListener('abort', end, { once: true });
    if (context.signal.aborted) end();
    return subscription;
  }
}

/** Subscriptions of a supergraph. AppError SUPERGRAPH_INVALID when a filter or a template in it cannot be used. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  return new BusSubscriptions(options);
}
