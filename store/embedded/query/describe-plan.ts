import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { Document } from '../value/codec.ts';
import type { Plan, SortSpec } from './plan.ts';

/** What is done with what a plan finds. */
export interface PlanUse {
  readonly sort: SortSpec;
  readonly skip: number;
  readonly limit: number;
  /** The keys are counted and no document is read. */
  readonly countsKeys: boolean;
}

const directionOf = ({ reverse }: Plan) => ({ direction: reverse ? 'backward' : 'forward' });

/** Whether a plan reads the collection from end to end. */
export function isWhole({ index, ranges }: Plan, { id }: CollectionDefinition): boolean {
  return index === null && ranges.length === 1 && ranges[0]?.start === id;
}

function describeIndexScan(plan: Plan): Document {
  const { index } = plan;
  return {
    stage: 'IXSCAN',
    keyPattern: index ? Object.fromEntries(index.fields) : { _id: 1 },
    indexName: index?.name ?? '_id_',
    isMultiKey: index?.multikey ?? false,
    isUnique: index?.unique ?? true,
    isSparse: index?.sparse ?? false,
    isPartial: index?.partial !== null && index !== null,
    ranges: plan.ranges.length,
    ...directionOf(plan),
  };
}

function describeSource(plan: Plan, collection: CollectionDefinition, { sort, countsKeys }: PlanUse): Document {
  if (plan.branches.length > 0) {
    const alone = { sort: [], skip: 0, limit: 0, countsKeys: false };
    return { stage: 'OR', inputStages: plan.branches.map((branch) => describeSource(branch, collection, alone)) };
  }
  if (countsKeys && plan.exact) return { ...describeIndexScan(plan), stage: 'COUNT_SCAN' };
  if (isWhole(plan, collection)) return { stage: 'COLLSCAN', ...directionOf(plan) };
  if (plan.index === null && plan.ranges.length === 1 && plan.exact) return { stage: 'IDHACK', indexName: '_id_' };
  const scan = describeIndexScan(plan);
  const merged = { stage: 'SORT_MERGE', sortPattern: Object.fromEntries(sort), inputStage: scan };
  return { stage: 'FETCH', inputStage: plan.merged ? merged : scan };
}

/** A plan as `explain` shows it: MongoDB's names of the stages, from the last to the first. */
export function describePlan(plan: Plan, collection: CollectionDefinition, use: PlanUse): Document {
  let stage = describeSource(plan, collection, use);
  if (!plan.ordered) stage = { stage: 'SORT', sortPattern: Object.fromEntries(use.sort), inputStage: stage };
  if (use.skip > 0) stage = { stage: 'SKIP', skipAmount: use.skip, inputStage: stage };
  if (use.limit > 0) stage = { stage: 'LIMIT', limitAmount: use.limit, inputStage: stage };
  return use.countsKeys ? { stage: 'COUNT', inputStage: stage } : stage;
}
