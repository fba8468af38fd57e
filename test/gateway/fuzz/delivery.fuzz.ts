import { parse, validate } from 'graphql';
import { afterAll, describe, expect, it } from 'vitest';
import { differenceOf, type PlainAnswer } from './compare.ts';
import { runDeferred, runEvent, sorted, withEvents } from './deliver.ts';
import { explore, type Trial } from './explore.ts';
import { NO_FAULTS, randomFaults } from './faults.ts';
import { generateOperation } from './generate-operation.ts';
import { generateWorld } from './generate-world.ts';
import { type OpenWorld, openWorld } from './open-world.ts';
import { CASES, SEED } from './settings.ts';
import { hash } from './values.ts';
import type { World } from './world.ts';

const OPERATIONS = 20;
const WORLDS = Math.max(1, Math.ceil((CASES * 0.1) / OPERATIONS));
const tally = { deferred: 0, parts: 0, events: 0 };

function opener(adapt: (world: World, choice: number) => World) {
  let last: { key: string; opened: Promise<OpenWorld | string> } | null = null;
  return (numbers: readonly number[]) => {
    const key = numbers.join();
    if (last?.key !== key) {
      const world = adapt(generateWorld(numbers, { plainOwners: false }), hash(key));
      last = { key, opened: openWorld(world) };
    }
    return last.opened;
  };
}

function tell(opened: OpenWorld, query: string, variables: unknown, problem: string): string {
  return [problem, query, JSON.stringify(variables), opened.describe()].join('\n');
}

const plain = (answer: unknown) => JSON.parse(JSON.stringify(answer)) as PlainAnswer;

describe('a random operation on a random split', () => {
  afterAll(() => console.info(`fuzz: seed ${SEED}, ${JSON.stringify(tally)}`));
  const openPlain = opener((world) => world);
  const openEvents = opener(withEvents);

  it('says deferred, all parts together, what it says at once', async () => {
    const trial: Trial = async (numbers, from) => {
      const opened = await openPlain(numbers);
      if (typeof opened === 'string') return null;
      const { query, variables } = generateOperation(opened.whole.schema, from, { defer: true });
      const atOnce = query.replaceAll(' @defer', '');
      if (atOnce === query || validate(opened.whole.schema, parse(atOnce)).length > 0) return null;
      opened.parts.set({ faults: NO_FAULTS });
      const wanted = plain(await opened.whole.run({ query: atOnce, variables, faults: NO_FAULTS }));
      const got = await runDeferred(opened, { query, variables }).catch((error: Error) => error.message);
      if (typeof got === 'string') return tell(opened, query, variables, got);
      tally.deferred += 1;
      tally.parts += got.parts;
      const difference = differenceOf({ ...wanted, data: sorted(wanted.data) }, { ...got, data: sorted(got.data) });
      return difference && tell(opened, query, variables, difference);
    };
    const found = await explore(trial, { seed: SEED, worlds: WORLDS * 2, operations: OPERATIONS });
    expect(found?.problem ?? null).toBeNull();
  });

  it('says for an event what it says of the same entity when asked', async () => {
    const trial: Trial = async (numbers, from) => {
      const opened = await openEvents(numbers);
      if (typeof opened === 'string' || !opened.world.event) return null;
      const operation = generateOperation(opened.whole.schema, from, { root: 'current' });
      if (validate(opened.whole.schema, parse(operation.query)).length > 0) return null;
      const number = hash(from.join());
      const faults = number % 2 === 0 ? NO_FAULTS : randomFaults(opened.world, number, 10);
      const spared: typeof faults = (type, field, at) => (field === 'current' ? null : faults(type, field, at));
      opened.parts.set({ faults: spared });
      const wanted = plain(await opened.whole.run({ ...operation, faults: spared }));
      const got = await runEvent(opened, operation);
      tally.events += 1;
      const difference = differenceOf(wanted, got);
      return difference && tell(opened, operation.query, operation.variables, `${difference}\n${JSON.stringify(got)}`);
    };
    const found = await explore(trial, { seed: SEED, worlds: WORLDS, operations: OPERATIONS });
    expect(found?.problem ?? null).toBeNull();
  });
});
