import { parse, validate } from 'graphql';
import { afterAll, describe, expect, it } from 'vitest';
import { differenceOf, type PlainAnswer } from './compare.ts';
import { explore, type Trial } from './explore.ts';
import { faultsOfOutage, NO_FAULTS, randomFaults } from './faults.ts';
import { generateOperation } from './generate-operation.ts';
import { generateWorld, type WorldProfile } from './generate-world.ts';
import { type OpenWorld, openWorld } from './open-world.ts';
import { CASES, SEED } from './settings.ts';
import { hash } from './values.ts';

const OPERATIONS = 20;

const tally = { cases: 0, withErrors: 0, fast: 0, invalid: 0, worlds: 0, uncomposed: 0 };

/** What goes wrong in a case, by the world and a number; `whole` is what the unsplit graph must do likewise. */
type Mishap = (
  opened: OpenWorld,
  number: number,
) => Omit<Parameters<OpenWorld['run']>[0], 'query' | 'variables'> & {
  readonly whole: ReturnType<typeof randomFaults>;
};

const nothing: Mishap = () => ({ faults: NO_FAULTS, whole: NO_FAULTS });
const failingFields: Mishap = ({ world }, number) => {
  const faults = randomFaults(world, number, 4 + (number % 16));
  return { faults, whole: faults };
};
const outage: Mishap = ({ world }, number) => {
  // Whoever tells the types of an interface object takes its objects along, not fields.
  const homes = world.abstracts.flatMap(({ asObject }) => asObject?.home ?? []);
  const candidates = world.subgraphs.filter((name) => !homes.includes(name));
  const down = candidates[number % candidates.length] as string;
  return { faults: NO_FAULTS, down, whole: faultsOfOutage(world, down) };
};

function createTrial(profile: WorldProfile, mishap: Mishap): Trial {
  let last: { key: string; opened: Promise<OpenWorld | string> } | null = null;
  const open = (numbers: readonly number[]) => {
    const key = numbers.join();
    if (last?.key === key) return last.opened;
    tally.worlds += 1;
    last = { key, opened: openWorld(generateWorld(numbers, profile)) };
    return last.opened;
  };
  return async (numbers, from) => {
    const opened = await open(numbers);
    if (typeof opened === 'string') {
      tally.uncomposed += 1;
      return null;
    }
    const { query, variables } = generateOperation(opened.whole.schema, from);
    if (validate(opened.whole.schema, parse(query)).length > 0) {
      tally.invalid += 1;
      return null;
    }
    const { whole, ...wrong } = mishap(opened, hash(from.join()));
    const wanted = JSON.parse(
      JSON.stringify(await opened.whole.run({ query, variables, faults: whole })),
    ) as PlainAnswer;
    const { exact, fast, isFast } = await opened.run({ query, variables, ...wrong });
    tally.cases += 1;
    if (wanted.errors) tally.withErrors += 1;
    if (isFast) tally.fast += 1;
    const difference =
      differenceOf(wanted, JSON.parse(exact) as PlainAnswer) ??
      (fast === exact ? null : `the tiers differ\nexact ${exact}\nfast  ${fast}`);
    if (difference === null) return null;
    const told = [difference, query, JSON.stringify(variables), opened.describe()];
    if (wrong.down) told.push(`down: ${wrong.down}`);
    return [...told, `wanted ${JSON.stringify(wanted)}`, `got    ${exact}`].join('\n');
  };
}

describe('a random split of a random graph', () => {
  afterAll(() => console.info(`fuzz: seed ${SEED}, ${JSON.stringify(tally)}`));

  it.each([
    ['nothing fails', { plainOwners: false }, nothing, 0.4],
    ['fields fail', { plainOwners: false }, failingFields, 0.4],
    ['a subgraph is down', { plainOwners: true }, outage, 0.2],
  ] as const)('answers as the whole does when %s', async (_, profile, mishap, share) => {
    const worlds = Math.ceil((CASES * share) / OPERATIONS);
    const found = await explore(createTrial(profile, mishap), { seed: SEED, worlds, operations: OPERATIONS });
    expect(found && `${found.problem}\nworld ${found.world.join()}\noperation ${found.operation.join()}`).toBeNull();
  });
});
