import { isRecord, type JsonRecord, ownValue } from './record.ts';

/** A path of the plan: response names, `@` for each item of a list. */
export type PlanPath = readonly (string | number)[];
/** A path of an answer: response names and list indices. */
export type ResponsePath = readonly (string | number)[];

/** The objects at a path of the plan, in order; nulls and absent values are left out. Lists are looked through. */
export function targetsAt(root: JsonRecord, path: PlanPath): JsonRecord[] {
  const found: JsonRecord[] = [];
  walkPath(root, path, 0, (record) => found.push(record));
  return found;
}

/** Where those objects are in the answer, each object with all its places. Costs an array a place: for errors only. */
export function placesAt(root: JsonRecord, path: PlanPath): Map<JsonRecord, ResponsePath[]> {
  const places = new Map<JsonRecord, ResponsePath[]>();
  const trail: (string | number)[] = [];
  const onTarget = (record: JsonRecord) => {
    const known = places.get(record);
    if (known) known.push([...trail]);
    else places.set(record, [[...trail]]);
  };
  walkPath(root, path, 0, onTarget, trail);
  return places;
}

/** Walks from `value` along the rest of a path, from `depth` on. `trail` is kept at the way to the object that is told. */
export function walkPath(
  value: unknown,
  path: PlanPath,
  depth: number,
  onTarget: (record: JsonRecord) => void,
  trail: (string | number)[] = [],
): void {
  if (Array.isArray(value)) {
    const next = path[depth] === '@' ? depth + 1 : depth;
    for (let index = 0; index < value.length; index += 1) {
      trail.push(index);
      walkPath(value[index], path, next, onTarget, trail);
      trail.pop();
    }
    return;
  }
  if (!isRecord(value)) return;
  const head = path[depth];
  if (head === undefined) onTarget(value);
  else if (head !== '@') {
    trail.push(head);
    walkPath(ownValue(value, String(head)), path, depth + 1, onTarget, trail);
    trail.pop();
  }
}
