import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Identity } from '../../lib/identity.ts';
import { Answer } from '../answer.ts';
import type { Engine, GraphQLRequest, OperationContext, PreparedOperation } from '../engine.ts';
import { explain } from './explain/explanation.ts';
import {
  EXPLAIN_DENIED,
  EXPLAIN_WITHHELD,
  type ExplainMode,
  explainPermission,
  type Permission,
} from './explain/permission.ts';
import { Observation, type Sinks } from './observation.ts';
import { observeParts } from './observed-parts.ts';
import { type Outcome, toOutcome, toRefusal } from './outcome.ts';
import type { OperationTrace } from './tracing/operation-trace.ts';

/** What observes an engine. */
export interface Observing extends Sinks {
  readonly explain: ExplainMode;
  /** Null without tracing. */
  readonly beginTrace: ((context: OperationContext, startedAt: number) => OperationTrace) | null;
  /** Told of everything that begins and ends to execute. */
  readonly running: { count: number };
}

/** What is known of an operation between its preparation and its execution. */
interface Pending {
  readonly observation: Observation;
  readonly permission: Permission;
}

const PENDING = Symbol('pending');

/** An operation on which is noted what is known of it: short-lived keys of a WeakMap would cost the garbage collector more. */
interface Stamped extends PreparedOperation {
  [PENDING]?: Pending | undefined;
}

class ObservedEngine implements Engine {
  readonly #engine: Engine;
  readonly #observing: Observing;
  readonly #isObserving: boolean;

  constructor(engine: Engine, observing: Observing) {
    this.#engine = engine;
    this.#observing = observing;
    const { registry, log, beginTrace } = observing;
    this.#isObserving = [registry, log, beginTrace].some((sink) => sink !== null);
  }

  get schema() {
    return this.#engine.schema;
  }

  get supergraphSdl() {
    return this.#engine.supergraphSdl;
  }

  sdlFor(identity: Identity | null): string {
    return this.#engine.sdlFor(identity);
  }

  prepare: Engine['prepare'] = async (request, identity, context) => {
    const asked = context ?? contextOf(identity);
    const permission = explainPermission(request, asked, this.#observing.explain);
    // Nobody wants to know: nothing is kept.
    if (!this.#isObserving && permission === 'unasked') return this.#engine.prepare(request, identity, asked);
    return this.#prepareObserved(request, asked, permission);
  };

  async #prepareObserved(request: GraphQLRequest, context: OperationContext, permission: Permission) {
    const observation = this.#begin(context, permission);
    try {
      const operation = await this.#engine.prepare(request, context.identity, context);
      observation.prepared(operation, performance.now());
      (operation as Stamped)[PENDING] = { observation, permission };
      // What follows of a subscription are events, observed each by itself.
      if (operation.kind === 'subscription') observation.end({ outcome: 'ok', code: null }, performance.now());
      return operation;
    } catch (error) {
      observation.end(toRefusal(error), performance.now());
      throw error;
    }
  }

  execute: Engine['execute'] = async (operation, context) => {
    const { [PENDING]: pending } = operation as Stamped;
    if (!pending && !this.#isObserving) return this.#engine.execute(operation, context);
    // An operation may be executed again: then it is observed from there on.
    if (pending) (operation as Stamped)[PENDING] = undefined;
    const observation = pending?.observation ?? this.#begin(context, 'unasked');
    if (!pending) observation.identify(operation, operation.kind);
    return this.#run(operation, observation, () => this.#engine.execute(operation, observation.contextOf(context)));
  };

  executeEvent: Engine['executeEvent'] = async (operation, payload, context) => {
    const { [PENDING]: pending } = operation as Stamped;
    if (!pending && !this.#isObserving) return this.#engine.executeEvent(operation, payload, context);
    const observation = this.#beginEvent(operation, pending, context);
    const answer = await this.#run(operation, observation, async () =>
      Answer.ofResult(await this.#engine.executeEvent(operation, payload, observation.contextOf(context))),
    );
    return answer.result;
  };

  close(): Promise<void> {
    return this.#engine.close();
  }

  #begin(context: OperationContext, permission: Permission): Observation {
    const startedAt = performance.now();
    const trace = this.#observing.beginTrace?.(context, startedAt) ?? null;
    return new Observation(this.#observing, { startedAt, trace, permission, requestId: context.requestId });
  }

  #beginEvent(operation: PreparedOperation, pending: Pending | undefined, context: OperationContext): Observation {
    const { nameOf } = this.#observing;
    const trace = pending?.observation.trace?.event(operation, nameOf(operation.name)) ?? null;
    const permission = pending?.permission ?? 'unasked';
    const begun = { startedAt: performance.now(), trace, permission, requestId: context.requestId };
    const observation = new Observation(this.#observing, begun);
    observation.identify(operation, 'event');
    return observation;
  }

  async #run(operation: PreparedOperation, observation: Observation, run: () => Promise<Answer>): Promise<Answer> {
    const { running } = this.#observing;
    const end = (outcome: Outcome) => {
      running.count -= 1;
      observation.end(outcome, performance.now());
    };
    running.count += 1;
    try {
      const answer = await run();
      const endedAt = performance.now();
      if (!answer.deferred) end(toOutcome(answer));
      const told = answer.deferred ? observeParts(answer, end) : answer;
      return explained(told, operation, observation, endedAt);
    } catch (error) {
      end(toRefusal(error));
      throw error;
    }
  }
}

/** The answer with the explanation that was asked for, or why there is none. It is for whoever asked, and for no cache. */
function explained(answer: Answer, operation: PreparedOperation, observation: Observation, endedAt: number): Answer {
  const { permission, startedAt, executedAt, path, exchanges } = observation;
  if (permission === 'unasked') return answer;
  if (permission === 'denied') return withError(answer, EXPLAIN_DENIED).withHeaders(UNCACHED);
  if (operation.audience) return withError(answer, EXPLAIN_WITHHELD).withHeaders(UNCACHED);
  const times = { startedAt, executedAt, endedAt };
  return answer
    .withExtensions({ explain: explain(operation, { times, path, fetches: exchanges }) })
    .withHeaders(UNCACHED);
}

const UNCACHED = { 'cache-control': 'no-store' };

function withError(answer: Answer, { message, extensions }: GraphQLFormattedError): Answer {
  const { errors = [], ...result } = answer.result;
  const all = [...errors, new GraphQLError(message, { extensions: extensions ?? {} })];
  return Answer.ofResult({ errors: all, ...result }, answer.deferred).withHeaders(answer.headers);
}

/** Who asked, where a caller prepares an operation without saying more. */
function contextOf(identity: OperationContext['identity']): OperationContext {
  return { identity, requestId: '', signal: new AbortController().signal };
}

/** An engine of whose operations insight learns. Without sinks it is told apart from the one below only by explanations. */
export function observeEngine(engine: Engine, observing: Observing): Engine {
  return new ObservedEngine(engine, observing);
}
