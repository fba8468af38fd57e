import type { PathFacts, PreparedOperation } from '../../engine.ts';
import type { ExchangeFacts } from '../../transport/transport.ts';
import { type ExplainedNode, explainPlan, toPlanLines } from './plan-tree.ts';

/** A fetch as it went. */
export interface ExchangeOfExplanation extends ExchangeFacts {
  /** Milliseconds after the operation began. */
  readonly startMs: number;
}

/** `extensions.explain`: how an answer came about. It holds no URL, no header and no variable. */
export interface Explanation {
  readonly stages: {
    /** Parsing, validation, coercion, pruning. */
    readonly readMs: number | null;
    readonly planMs: number | null;
    readonly plan: 'hit' | 'miss' | 'none' | null;
    readonly executeMs: number;
    /** The part of `executeMs` after the last fetch: merging and shaping the answer. */
    readonly shapeMs: number;
    readonly totalMs: number;
  };
  /** Null where the engine told nothing. */
  readonly path: PathFacts | null;
  readonly plan: ExplainedNode | null;
  /** The plan as lines of text. */
  readonly text: readonly string[];
  readonly fetches: readonly ExchangeOfExplanation[];
  readonly denied: readonly { readonly path: readonly (string | number)[]; readonly missingScopes: unknown }[];
}

/** Times of an execution, as `performance.now()` has them. */
export interface ExecutionTimes {
  readonly startedAt: number;
  readonly executedAt: number;
  readonly endedAt: number;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

/** The explanation of one execution. */
export function explain(
  { plan, preparation, denied }: PreparedOperation,
  run: { times: ExecutionTimes; path: PathFacts | null; fetches: readonly ExchangeOfExplanation[] },
): Explanation {
  const { startedAt, executedAt, endedAt } = run.times;
  const lastFetchMs = Math.max(executedAt - startedAt, ...run.fetches.map(({ startMs, ms }) => startMs + ms));
  const tree = plan && explainPlan(plan);
  return {
    stages: {
      readMs: preparation ? round(preparation.readMs) : null,
      planMs: preparation ? round(preparation.planMs) : null,
      plan: preparation?.plan ?? null,
      executeMs: round(endedAt - executedAt),
      shapeMs: round(endedAt - startedAt - lastFetchMs),
      totalMs: round(endedAt - startedAt),
    },
    path: run.path,
    plan: tree,
    text: toPlanLines(tree),
    fetches: run.fetches.map((fetch) => ({ ...fetch, startMs: round(fetch.startMs), ms: round(fetch.ms) })),
    denied: denied.map(({ path = [], extensions }) => ({ path, missingScopes: extensions?.['missingScopes'] ?? [] })),
  };
}
