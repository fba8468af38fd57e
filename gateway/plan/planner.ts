import { AppError } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { Plan } from './plan.ts';
import { createPlannerThread, type PlannerThread, type PlanOutcome } from './planner-thread.ts';
import type { PlanningRequest } from './planner-worker.ts';

/** How an operation is planned. */
export interface PlanOptions {
  /** Labels of `@override` that are on. @default none */
  readonly labels?: readonly string[];
  /** Whether nobody waits for it: it is planned once the queue is empty. @default false */
  readonly background?: boolean;
}

/** Plans operations outside the main thread, within a budget. */
export interface Planner {
  /**
   * The plan of a valid operation. Rejects with AppError QUERY_TOO_COMPLEX when time or memory run out (the thread is
   * killed, a warm spare takes over), OVERLOADED when too many wait, and FIELD_UNREACHABLE when every plan would bring wrong
   * data.
   */
  plan(operation: string, options?: PlanOptions): Promise<Plan>;
  /** Ends what is planned and what waits with INTERNAL. When it resolves no thread is left, and none starts any more. */
  close(): Promise<void>;
}

/** What a planner is made of. */
export interface PlannerOptions {
  readonly sdl: string;
  /** Milliseconds one operation may take. */
  readonly budgetMs: number;
  /** Operations that may wait for their turn. @default 256 */
  readonly queueLimit?: number;
  /** Heap of a planner thread, in MB. @default 256 */
  readonly memoryMb?: number;
  readonly logger?: Logger;
}

/** The spare starts this much later, so that start-up has the cores for itself. */
const SPARE_DELAY_MS = 3_000;

/** An operation that waits for its turn. */
interface Job {
  readonly request: PlanningRequest;
  readonly resolve: (plan: Promise<Plan>) => void;
}

const CLOSED: PlanOutcome = { kind: 'failed', reason: 'The planner was closed.' };

/** Starts a planner. Returns at once: the first plan waits for the thread, nothing else does. */
export function createPlanner(options: PlannerOptions): Planner {
  const { budgetMs, queueLimit = 256 } = options;
  const threads = createThreads(options);
  const [waiting, background]: [Job[], Job[]] = [[], []];
  let isBusy = false;
  let isClosed = false;

  const run = async (request: PlanningRequest): Promise<Plan> => {
    const outcome = isClosed ? CLOSED : await threads.active.plan(request, budgetMs);
    if (outcome.kind === 'planned') return JSON.parse(outcome.plan) as Plan;
    if (outcome.kind === 'refused') throw toRefusal(outcome);
    if (!isClosed) threads.replace(outcome.reason);
    if (outcome.kind === 'failed' || isClosed)
      throw new AppError('INTERNAL', 'The planner did not start.', { cause: outcome.reason });
    throw new AppError('QUERY_TOO_COMPLEX', 'The operation could not be planned within its budget.');
  };
  const next = () => {
    const job = isBusy ? undefined : (waiting.shift() ?? background.shift());
    if (!job) return;
    isBusy = true;
    const planned = run(job.request).finally(() => {
      isBusy = false;
      next();
    });
    job.resolve(planned);
  };
  return {
    plan(text, { labels = [], background: isBackground = false } = {}) {
      const queue = isBackground ? background : waiting;
      if (queue.length + (isBusy ? 1 : 0) >= queueLimit)
        return Promise.reject(new AppError('OVERLOADED', 'Too many operations wait to be planned.'));
      return new Promise((resolve) => {
        queue.push({ request: { text, labels }, resolve });
        next();
      });
    },
    close() {
      isClosed = true;
      return threads.close();
    },
  };
}

/** An error for an operation that the planner refused, or that it plans wrongly. */
export function toRefusal({ reason, isUnsound }: { reason: string; isUnsound: boolean }): AppError {
  const cause = new Error(reason);
  return isUnsound
    ? new AppError('FIELD_UNREACHABLE', 'The operation asks for fields that no right plan leads to.', { cause })
    : new AppError('INTERNAL', 'The operation could not be planned.', { cause });
}

/** The thread that plans, and the spare that takes over. */
interface Threads {
  readonly active: PlannerThread;
  replace(reason: string): void;
  close(): Promise<void>;
}

function createThreads({ sdl, memoryMb = 256, logger = silentLogger }: PlannerOptions): Threads {
  const start = () => createPlannerThread({ sdl, memoryMb });
  let active = start();
  let spare: PlannerThread | null = null;
  const leaving = new Set<Promise<void>>();
  const leave = (thread: PlannerThread) => {
    const closed = thread.close().finally(() => leaving.delete(closed));
    leaving.add(closed);
  };
  const warmUp = () => {
    spare ??= start();
  };
  const timer = setTimeout(warmUp, SPARE_DELAY_MS).unref();
  return {
    get active() {
      return active;
    },
    replace(reason) {
      logger.warn({ reason }, 'A planner thread was replaced.');
      leave(active);
      active = spare ?? start();
      spare = null;
      warmUp();
    },
    async close() {
      clearTimeout(timer);
      await Promise.all([active.close(), spare?.close(), ...leaving]);
    },
  };
}
