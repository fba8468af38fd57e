import { inputFieldsOf } from './generate-world.ts';
import { type Fault, type Faults, hash } from './values.ts';
import type { World } from './world.ts';

/** Nothing fails. */
export const NO_FAULTS: Faults = () => null;

/**
 * About `percent` of all places fail. Keys and required fields never do: what becomes of an entity whose key fails is
 * another question in a split graph than in a whole one.
 */
export function randomFaults(world: World, seed: number, percent: number): Faults {
  const spared = inputFieldsOf(world);
  return (type, field, at) => {
    if (spared.has(`${type}.${field}`)) return null;
    const number = hash(`${seed}!${type}.${field}@${at}`);
    return number % 100 < percent ? ((['throws', 'null', 'hole'] as const)[(number >>> 8) % 3] ?? null) : null;
  };
}

/** Every field of one subgraph fails, and whatever requires such a field. For worlds whose fields have one owner. */
export function faultsOfOutage(world: World, down: string): Faults {
  const failing = new Set<string>();
  const roots = world.roots.map((field) => ({ type: 'Query', field }));
  const fields = world.entities.flatMap(({ name, fields: own }) => own.map((field) => ({ type: name, field })));
  // A requirement names earlier fields only, so one pass is enough.
  for (const { type, field } of [...roots, ...fields]) {
    const inputs = Object.keys(field.requires ?? {});
    if (field.owners[0] === down || inputs.some((input) => failing.has(`${type}.${input}`)))
      failing.add(`${type}.${field.name}`);
  }
  return (type, field): Fault | null => (failing.has(`${type}.${field}`) ? 'throws' : null);
}
