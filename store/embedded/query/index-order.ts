import type { IndexDefinition } from '../catalog/definitions.ts';
import type { Bounds } from './bounds.ts';
import type { SortSpec } from './plan.ts';

/**
 * Whether reading the index after its `equal` leading fields (one value each) gives the sort, and which way.
 * Entries alike in all fields follow each other by `_id`; in a unique index there are none alike.
 */
export function orderedBy(
  index: IndexDefinition,
  equal: number,
  bounds: Bounds,
  sort: SortSpec,
): 'forward' | 'reverse' | null {
  const rest = index.fields.slice(equal);
  const fields = index.unique || rest.some(([path]) => path === '_id') ? rest : [...rest, ['_id', 1] as const];
  const wanted = sort.filter(([path]) => bounds.get(path)?.equals?.length !== 1);
  const isWhole = wanted.length > fields.length && index.unique && !index.sparse && !index.partial;
  const compared = isWhole ? wanted.slice(0, fields.length) : wanted;
  if (compared.length > fields.length) return null;
  const flips = new Set<boolean>();
  for (const [at, [path, direction]] of compared.entries()) {
    const field = fields[at];
    if (field?.[0] !== path) return null;
    flips.add(field[1] !== direction);
  }
  if (flips.size > 1) return null;
  return flips.has(true) ? 'reverse' : 'forward';
}
