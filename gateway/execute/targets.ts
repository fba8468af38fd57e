import { isRecord, type JsonRecord, ownValue } from './record.ts';

/** A path of the plan: response names, `@` for each item of a list. */
export type PlanPath = readonly (string | number)[];
/** A path of an answer: response names and list indices. */
export type ResponsePath = readonly (string | number)[];

/** The objects at a path of the plan, in order; nulls and absent values are left out. Lists are looked through. */
export function targetsAt(root: JsonRecord, path: PlanPath): JsonRecord[] {
  const found: JsonRecord[] = [];
  walk(root, path, 0, (record) => found.push(record));
  return found;
}

/** Where those objects are in the answer, in the same order. Costs an array an object: for errors only. */
export function targetPathsAt(root: JsonRecord, path: PlanPath): ResponsePath[] {
  const found: ResponsePath[] = [];
  const trail: (string | number)[] = [];
  walk(root, path, 0, () => found.push([...trail]), trail);
  return found;
}

function walk(
  value: unknown,
  path: PlanPath,
  depth: number,
  onTarget: (record: JsonRecord) => void,
  trail: (string | number)[] = [],
): void {
  if (Array.isArray(value)) {
    const next = path[depth] === '@' ? depth + 1 : depth;
    value.forEach((item, index) => {
      trail.push(index);
      walk(item, path, next, onTarget, trail);
      trail.pop();
    });
    return;
  }
  if (!isRecord(value)) return;
  const head = path[depth];
  if (head === undefined) onTarget(value);
  else if (head !== '@') {
    trail.push(head);
    walk(ownValue(value, String(head)), path, depth + 1, onTarget, trail);
    trail.pop();
  }
}
