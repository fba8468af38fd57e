import type { PlanNode, QueryPlan } from '@apollo/query-planner';
import { type BoundedCache, createBoundedCache } from '../../../lib/bounded-cache.ts';
import type { Schedule } from '../schedule.ts';
import { buildSchedule } from './build-schedule.ts';
import { readPlan } from './read-plan.ts';

/** Combinations of condition variables kept for one plan; more are scheduled anew each time. */
const VARIANT_LIMIT = 64;

interface Variants {
  readonly names: readonly string[];
  readonly known: BoundedCache<Schedule>;
}

const schedules = new WeakMap<QueryPlan, Variants>();

/**
 * The schedule of a plan; the same object for the same plan and the same values of its condition variables. Of a
 * subscription's plan it is what follows the event. AppError INTERNAL for a plan this executor cannot run.
 */
export function scheduleOf(plan: QueryPlan, variables: Readonly<Record<string, unknown>>): Schedule {
  const node = plan.node?.kind === 'Subscription' ? plan.node.rest : plan.node;
  const variants = schedules.get(plan) ?? {
    names: node ? [...conditionsOf(node)] : [],
    known: createBoundedCache<Schedule>(VARIANT_LIMIT),
  };
  schedules.set(plan, variants);
  const key = variants.names.map((name) => (variables[name] === true ? '1' : '0')).join('');
  const known = variants.known.get(key);
  if (known) return known;
  const schedule = buildSchedule(node ? readPlan(node, variables) : { fetches: [], deferred: [] });
  variants.known.set(key, schedule);
  return schedule;
}

function conditionsOf(node: PlanNode): Set<string> {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return new Set(node.nodes.flatMap((child) => [...conditionsOf(child)]));
    case 'Flatten':
      return conditionsOf(node.node);
    case 'Condition':
      return new Set([node.condition, ...childConditions([node.ifClause, node.elseClause])]);
    case 'Defer':
      return new Set(childConditions([node.primary.node, ...node.deferred.map((block) => block.node)]));
    case 'Fetch':
      return new Set();
  }
}

function childConditions(nodes: readonly (PlanNode | undefined)[]): string[] {
  return nodes.flatMap((node) => (node ? [...conditionsOf(node)] : []));
}
