import type { EntityBatch, RepresentSlowly } from './codegen/gather.ts';
import type { CompiledList } from './compile-request.ts';
import type { Execution } from './execution.ts';
import { represent } from './representations.ts';
import { applyRewrites } from './rewrites.ts';

/** The objects a list is about, represented: each distinct representation once, whichever part it comes from. */
export function gatherBatch({ list, gathers, keys, knownBy }: CompiledList, execution: Execution): EntityBatch {
  const known = Array.from({ length: knownBy }, () => new Map<unknown, number>());
  const recent = known.map(() => new Map<unknown, readonly unknown[]>());
  const batch: EntityBatch = { texts: [], targets: [], members: [], ends: [], known, recent };
  const slowly: RepresentSlowly = (target) => {
    const result = represent(execution.fullSchema, target, list.requires);
    // What cannot be asked for fails for the reason its input is missing; without a reason the object is simply not there.
    const cause = result.kind === 'missing' ? execution.failures.find(result.record, result.key) : null;
    if (cause) execution.failures.record(target, keys, cause);
    if (result.kind !== 'built') return -1;
    applyRewrites(execution.fullSchema, list.inputRewrites, result.value);
    const text = JSON.stringify(result.value);
    const index = known.at(-1)?.get(text) ?? batch.texts.push(text) - 1;
    known.at(-1)?.set(text, index);
    return index;
  };
  for (const gather of gathers) {
    gather(execution.data, batch, slowly);
    batch.ends.push(batch.targets.length);
  }
  // The answer is waited for with the batch in memory: what told entities apart is not needed any more.
  return { ...batch, known: NONE, recent: NONE };
}

const NONE: readonly never[] = [];
