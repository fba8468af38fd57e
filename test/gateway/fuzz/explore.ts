import fc from 'fast-check';

/** How much is tried, and from where. */
export interface Exploration {
  readonly seed: number;
  readonly worlds: number;
  /** Operations a world. */
  readonly operations: number;
}

/** A failure in its least form: the numbers it was made from, and what went wrong. */
export interface Found {
  readonly world: readonly number[];
  readonly operation: readonly number[];
  readonly problem: string;
}

/** Null when all is well; what is wrong otherwise. */
export type Trial = (world: readonly number[], operation: readonly number[]) => Promise<string | null>;

const SHRINK_MS = 15_000;
const numbers = (maxLength: number) => fc.array(fc.nat(9999), { maxLength, size: 'max' });

/**
 * Tries many operations on each of many worlds. Stops at the first failure and makes it small: first the operation, which
 * is cheap since the world stays open, then the world, then the operation again.
 */
export async function explore(trial: Trial, { seed, worlds, operations }: Exploration): Promise<Found | null> {
  const samples = fc.sample(numbers(300), { seed, numRuns: worlds });
  for (const [index, world] of samples.entries()) {
    const run = { seed: seed + index, numRuns: operations };
    const first = await shrink(numbers(150), (operation) => trial(world, operation), run);
    if (!first) continue;
    const smaller = await shrink(numbers(300), (candidate) => trial(candidate, first.value), again(world));
    const least = smaller?.value ?? world;
    const last = await shrink(numbers(150), (operation) => trial(least, operation), again(first.value));
    const { value, problem } = last ?? first;
    return { world: least, operation: value, problem };
  }
  return null;
}

function again(value: number[]): fc.Parameters<[number[]]> {
  return { examples: [[value]], numRuns: 1 };
}

async function shrink(
  arbitrary: fc.Arbitrary<number[]>,
  trial: (value: number[]) => Promise<string | null>,
  parameters: fc.Parameters<[number[]]>,
): Promise<{ value: number[]; problem: string } | null> {
  const property = fc.asyncProperty(arbitrary, async (value) => {
    const problem = await trial(value);
    if (problem !== null) throw new Error(problem);
  });
  const deadline = { interruptAfterTimeLimit: SHRINK_MS, markInterruptAsFailure: false };
  const details = await fc.check(property, { ...parameters, ...deadline });
  if (!details.failed || !details.counterexample) return null;
  const { errorInstance, counterexample } = details;
  return {
    value: counterexample[0],
    problem: errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
  };
}
