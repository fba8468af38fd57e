import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineUnderTest, openEngine, toJson } from '../../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../../support/federation-planner.ts';
import { createReferenceEngine, type ReferenceEngine } from '../../../support/reference-engine.ts';
import type { TestSubgraph } from '../../../support/test-subgraphs.ts';

/** One operation with the answer a person worked out. */
export interface RepairCase {
  readonly title: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly data: unknown;
  /** Whether the reference engine, which has the planner without our repairs, is right as well. @default false */
  readonly plannerIsRight?: boolean;
}

/** Runs each case through our engine, which must be right, and through the reference engine, which must be wrong unless the case says otherwise. */
export function describeRepair(title: string, subgraphs: readonly TestSubgraph[], cases: readonly RepairCase[]): void {
  describe(title, () => {
    let ours: EngineUnderTest;
    let reference: ReferenceEngine;
    beforeAll(async () => {
      ours = await openEngine(subgraphs, { planner: createInProcessPlanner });
      reference = await createReferenceEngine(ours.graph);
    });
    afterAll(() => Promise.all([ours.engine.close(), reference.close()]));

    it.each(cases)('$title', async ({ query, variables = {}, data, plannerIsRight = false }) => {
      expect(await ours.run({ query, variables })).toEqual({ data });
      const theirs = await reference.run({ query, variables });
      const isRight = JSON.stringify(toJson(theirs.data ?? null)) === JSON.stringify(data) && !theirs.errors?.length;
      expect(isRight).toBe(plannerIsRight);
    });
  });
}
