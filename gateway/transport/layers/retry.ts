import type { Clock } from '../../../lib/clock.ts';
import type { Call, Exchange, Layer, Reply } from '../call.ts';
import type { Verdict } from '../exchange-notes.ts';
import { SubgraphFailure } from '../failures.ts';
import { type AbsentStatus, isAbsence } from '../response-body.ts';
import type { RetryRules } from '../traffic.ts';
import { pauseWithin } from './pause.ts';
import { RetryBudget } from './retry-budget.ts';

/** Where chance and time come from. */
export interface RetryOptions {
  readonly rules: RetryRules;
  /** From 0 to 1; spreads the pauses. */
  readonly random: () => number;
  /** The time of day, for a `Retry-After` that is a date. */
  readonly clock: Clock;
}

/** How a try came out that did not come to an answer: a reply of absence, or a failure. */
type Outcome = { readonly reply: Reply; readonly status: AbsentStatus } | { readonly error: unknown };

/** Why another try may help, as a verdict; null when it would not. */
function reasonOf(outcome: Outcome, { lifetime }: Call): Verdict | null {
  if (lifetime.error) return null;
  if ('reply' in outcome) return `retried:${outcome.status}`;
  if (!(outcome.error instanceof SubgraphFailure)) return null;
  const { fault } = outcome.error;
  return fault === 'absent' || fault === 'late' ? `retried:${fault}` : null;
}

/** What `Retry-After` asks for in milliseconds (RFC 9110 §10.2.3): seconds or a date; null when it is absent or neither. */
export function retryAfterMs(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const moment = /^[A-Za-z]{3,9}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? null : Math.max(0, moment - now);
}

/** Milliseconds before try number `tried + 1`: what the service asked for, or random below a ceiling that doubles ("full jitter"). */
function pauseMs(outcome: Outcome, tried: number, { rules, random, clock }: RetryOptions): number {
  const asked = 'reply' in outcome ? retryAfterMs(outcome.reply.retryAfter, clock.now()) : null;
  if (asked !== null) return asked;
  return random() * Math.min(rules.maxPauseMs, rules.firstPauseMs * 2 ** (tried - 1));
}

function settle(outcome: Outcome): Reply {
  if ('reply' in outcome) return outcome.reply;
  throw outcome.error;
}

/**
 * Sends a query again when the service was not there: no connection, no answer within a try's time, 429, 502, 503, 504. Never a
 * mutation. The last outcome stands; no pause outlasts the call, and none is longer than the rules allow, whatever
 * `Retry-After` says.
 */
export function retryQueries(options: RetryOptions): Layer {
  const { attempts, budget: share, maxPauseMs } = options.rules;
  const budget = new RetryBudget(share);

  /** Whether to try again, after the pause that is due. */
  async function goesOn(outcome: Outcome, tried: number, call: Call): Promise<boolean> {
    const { lifetime, notes } = call;
    const reason = tried < attempts ? reasonOf(outcome, call) : null;
    if (reason === null) return false;
    const ms = pauseMs(outcome, tried, options);
    if (ms > maxPauseMs || ms >= lifetime.leftMs) {
      notes.verdicts.push('retry-too-late');
      return false;
    }
    if (!budget.take()) {
      notes.verdicts.push('retry-budget-spent');
      return false;
    }
    await pauseWithin(ms, lifetime);
    notes.verdicts.push(reason);
    return true;
  }

  async function repeat(next: Exchange, call: Call): Promise<Reply> {
    for (let tried = 1; ; tried += 1) {
      let outcome: Outcome;
      try {
        const reply = await next(call);
        const { status } = reply;
        if (!isAbsence(status)) return reply;
        outcome = { reply, status };
      } catch (error) {
        outcome = { error };
      }
      if (!(await goesOn(outcome, tried, call))) return settle(outcome);
    }
  }

  return (next) => (call) => {
    budget.earn();
    return call.request.operation.kind === 'query' ? repeat(next, call) : next(call);
  };
}
