import type { Clock } from '../../../lib/clock.ts';
import type { Exchange, Layer } from '../call.ts';
import type { Traffic } from '../traffic.ts';
import { breakCircuit, type OnBreaker } from './breaker.ts';
import { limitConcurrency } from './concurrency.ts';
import { shareQueries } from './dedupe.ts';
import { retryQueries } from './retry.ts';
import { limitTry } from './try-timeout.ts';

/** Time and chance, and whom to tell. */
export interface LayersOptions {
  readonly clock: Clock;
  /** A clock that does not jump. */
  readonly steady: Clock;
  readonly random: () => number;
  readonly onBreaker: OnBreaker;
}

/**
 * The layers that a subgraph's rules ask for, outermost first. Equal calls are joined before they take a place; who waits for a
 * place is not yet seen by the breaker; the breaker counts a call once, however often it was tried; each try has its own time.
 */
export function toLayers(traffic: Traffic, { clock, steady, random, onBreaker }: LayersOptions): readonly Layer[] {
  const { concurrency, breaker, retry, tryTimeoutMs } = traffic;
  return [
    ...(traffic.dedupe ? [shareQueries()] : []),
    ...(concurrency ? [limitConcurrency(concurrency)] : []),
    ...(breaker ? [breakCircuit(breaker, steady, onBreaker)] : []),
    ...(retry && retry.attempts > 1 ? [retryQueries({ rules: retry, random, clock })] : []),
    ...(tryTimeoutMs === null ? [] : [limitTry(tryTimeoutMs)]),
  ];
}

/** An exchange with layers around it, the first outermost. */
export function wrap(exchange: Exchange, layers: readonly Layer[]): Exchange {
  return layers.reduceRight((inner, layer) => layer(inner), exchange);
}
