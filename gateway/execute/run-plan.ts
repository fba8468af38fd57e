import type { Step } from './compile-plan.ts';
import type { Execution } from './execution.ts';
import { runFetch } from './run-fetch.ts';

/** Runs a plan: a sequence strictly in order (which keeps mutations serial), the rest as parallel as the plan says. Never rejects. */
export async function runPlan(step: Step, execution: Execution): Promise<void> {
  switch (step.kind) {
    case 'sequence':
      for (const child of step.steps) await runPlan(child, execution);
      return;
    case 'parallel':
      await Promise.all(step.steps.map((child) => runPlan(child, execution)));
      return;
    case 'condition': {
      const branch = execution.variables[step.variable] === true ? step.whenTrue : step.whenFalse;
      if (branch) await runPlan(branch, execution);
      return;
    }
    case 'fetch':
      await runFetch(step, execution);
  }
}
