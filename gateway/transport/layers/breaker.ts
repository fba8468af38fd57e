import type { Clock } from '../../../lib/clock.ts';
import type { Layer, Reply } from '../call.ts';
import { type Fault, SubgraphFailure, shed } from '../failures.ts';
import { isAbsence } from '../response-body.ts';
import type { BreakerRules } from '../traffic.ts';
import { FailureWindow } from './failure-window.ts';

/** Faults that say the service is down. What it answers to one request, however bad, says nothing of the next. */
const DOWN: ReadonlySet<Fault> = new Set(['absent', 'late', 'broken']);

/** Faults that say nothing about the service: it was not asked, or not waited for. */
const SILENT: ReadonlySet<Fault> = new Set(['left', 'shed', 'unknown']);

type Outcome = 'success' | 'failure' | 'unknown';

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof SubgraphFailure)) return 'unknown';
  if (SILENT.has(error.fault)) return 'unknown';
  return DOWN.has(error.fault) ? 'failure' : 'success';
}

/** Told when it opens and when it closes again. */
export type OnBreaker = (state: 'open' | 'closed') => void;

/** Remembers whether a service is down: closed → open for a while → half open, where one probe decides. */
export class Breaker {
  readonly #rules: BreakerRules;
  readonly #steady: Clock;
  readonly #onChange: OnBreaker;
  readonly #window: FailureWindow;
  #openUntil: number | null = null;
  #isProbing = false;

  constructor(rules: BreakerRules, steady: Clock, onChange: OnBreaker) {
    this.#rules = rules;
    this.#steady = steady;
    this.#onChange = onChange;
    this.#window = new FailureWindow(rules.windowMs);
  }

  /** Whether to ask the service. Who is told `pass` or `probe` reports what came of it. */
  admits(): 'pass' | 'probe' | 'open' {
    if (this.#openUntil === null) return 'pass';
    if (this.#isProbing || this.#steady.now() < this.#openUntil) return 'open';
    this.#isProbing = true;
    return 'probe';
  }

  /** A probe decides; any other call counts, unless the breaker has opened since it began. */
  report(admitted: 'pass' | 'probe', outcome: Outcome): void {
    const now = this.#steady.now();
    if (admitted === 'probe') this.#onProbe(outcome, now);
    if (admitted === 'probe' || outcome === 'unknown' || this.#openUntil !== null) return;
    this.#window.count(now, outcome === 'failure');
    if (outcome === 'failure' && this.#isDown(now)) this.#open(now);
  }

  #onProbe(outcome: Outcome, now: number): void {
    this.#isProbing = false;
    if (outcome === 'failure') this.#openUntil = now + this.#rules.openMs;
    if (outcome !== 'success') return;
    this.#openUntil = null;
    this.#window.clear();
    this.#onChange('closed');
  }

  #isDown(now: number): boolean {
    const { calls, failures } = this.#window.totals(now);
    return calls >= this.#rules.minCalls && failures >= calls * this.#rules.failureShare;
  }

  #open(now: number): void {
    this.#openUntil = now + this.#rules.openMs;
    this.#onChange('open');
  }
}

/**
 * Spares a subgraph that is down: SUBGRAPH_UNAVAILABLE at once, verdict `breaker-open`. Only absence counts as failure
 * (connection failures, timeouts, answers that break off, 429, 502, 503, 504); errors that the subgraph answers do not, nor do
 * clients that leave.
 */
export function breakCircuit(rules: BreakerRules, steady: Clock, onChange: OnBreaker): Layer {
  const breaker = new Breaker(rules, steady, onChange);
  return (next) => async (call) => {
    const admitted = breaker.admits();
    if (admitted === 'open') {
      call.notes.verdicts.push('breaker-open');
      throw shed(call.request.subgraph, 'breaker-open');
    }
    if (admitted === 'probe') call.notes.verdicts.push('breaker-probe');
    let reply: Reply;
    try {
      reply = await next(call);
    } catch (error) {
      breaker.report(admitted, outcomeOf(error));
      throw error;
    }
    breaker.report(admitted, isAbsence(reply.status) ? 'failure' : 'success');
    return reply;
  };
}
