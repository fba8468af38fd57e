import type { OperationContext, PathFacts, PreparedOperation } from '../engine.ts';
import type { ExchangeFacts } from '../transport/transport.ts';
import type { ExchangeOfExplanation } from './explain/explanation.ts';
import type { Permission } from './explain/permission.ts';
import type { FetchMeter } from './metrics/fetch-meters.ts';
import type { NameLabel } from './metrics/operation-names.ts';
import type { Registry } from './metrics/registry.ts';
import type { OperationLog } from './operation-log.ts';
import type { Outcome } from './outcome.ts';
import type { OperationTrace } from './tracing/operation-trace.ts';

/** Where what is observed goes. Null: not wanted. */
export interface Sinks {
  readonly registry: Registry | null;
  readonly fetchMeter: FetchMeter | null;
  readonly nameOf: NameLabel;
  readonly log: OperationLog | null;
}

/** The label of what an operation is. */
type ObservedType = 'query' | 'mutation' | 'subscription' | 'event' | 'unknown';

/** One operation, or one event of a subscription, while it is under way: everything that is learned of it comes by here. */
export class Observation {
  readonly startedAt: number;
  readonly trace: OperationTrace | null;
  readonly permission: Permission;
  readonly requestId: string;
  /** Kept only for an explanation. */
  readonly exchanges: ExchangeOfExplanation[] = [];
  executedAt: number;
  path: PathFacts | null = null;
  #type: ObservedType = 'unknown';
  #name: string | null = null;
  #label = 'unknown';
  #fetches = 0;
  readonly #sinks: Sinks;

  constructor(
    sinks: Sinks,
    begun: { startedAt: number; trace: OperationTrace | null; permission: Permission; requestId: string },
  ) {
    this.#sinks = sinks;
    this.startedAt = begun.startedAt;
    this.executedAt = begun.startedAt;
    this.trace = begun.trace;
    this.permission = begun.permission;
    this.requestId = begun.requestId;
  }

  /** The operation is known. */
  identify(operation: PreparedOperation, type: ObservedType): string {
    this.#type = type;
    this.#name = operation.name;
    this.#label = this.#sinks.nameOf(operation.name);
    return this.#label;
  }

  /** It was prepared by `readyAt`. */
  prepared(operation: PreparedOperation, readyAt: number): void {
    const label = this.identify(operation, operation.kind);
    this.trace?.prepared(operation, label, readyAt);
    const { preparation } = operation;
    if (!preparation) return;
    this.#sinks.registry?.add('tributary.plans', [preparation.plan]);
    if (preparation.plan === 'miss')
      this.#sinks.registry?.record('tributary.plan.duration', [], preparation.planMs / 1_000);
  }

  /** The context to execute in: it tells this observation what happens. */
  contextOf(context: OperationContext): OperationContext {
    this.executedAt = performance.now();
    return {
      ...context,
      correlation: this,
      onExchange: (facts) => {
        this.#exchanged(facts);
        context.onExchange?.(facts);
      },
      onPath: (facts) => {
        this.path = facts;
        this.#sinks.registry?.add('tributary.executions', [facts.path, facts.reason ?? 'none']);
        context.onPath?.(facts);
      },
    };
  }

  #exchanged(facts: ExchangeFacts): void {
    this.#fetches += 1;
    if (this.permission === 'granted') {
      this.exchanges.push({ ...facts, startMs: performance.now() - this.startedAt - facts.ms });
    }
    this.#sinks.fetchMeter?.(facts);
  }

  /** It is over. */
  end(ended: Outcome, endedAt: number): void {
    const { registry, log } = this.#sinks;
    const ms = endedAt - this.startedAt;
    registry?.add('tributary.operations', [this.#type, this.#label, ended.outcome, ended.code ?? 'none']);
    registry?.record('tributary.operation.duration', [this.#type, this.#label], ms / 1_000);
    log?.({ requestId: this.requestId, type: this.#type, name: this.#name, ms, fetches: this.#fetches, ...ended });
    this.trace?.end(ended);
  }
}
