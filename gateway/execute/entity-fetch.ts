import type { GraphQLFormattedError } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { FetchStep } from './compile-plan.ts';
import type { Execution } from './execution.ts';
import { mergeInto } from './merge.ts';
import { isRecord, type JsonRecord, newRecord, ownValue } from './record.ts';
import { represent } from './representations.ts';
import { applyRewrites } from './rewrites.ts';
import { sendTo } from './send.ts';
import { pathOf, toFailureOf } from './subgraph-errors.ts';
import { targetPathsAt } from './targets.ts';

type Requires = NonNullable<FetchStep['requires']>;

/** Objects that one representation stands for. */
interface Asked {
  readonly representation: JsonRecord;
  /** Indices into the targets. */
  readonly members: number[];
}

/** Asks a subgraph about objects known by their keys: each distinct one once, each answer merged into all it stands for. */
export async function askEntities(
  step: FetchStep,
  requires: Requires,
  targets: readonly JsonRecord[],
  execution: Execution,
): Promise<void> {
  const asked = gather(step, requires, targets, execution);
  if (asked.length === 0) return;
  const representations = asked.map(({ representation }) => representation);
  const { data, errors } = await sendTo(step, { representations }, execution);
  reportErrors(step, errors ?? [], asked, targets, execution);
  const entities = isRecord(data) ? ownValue(data, '_entities') : undefined;
  if (!Array.isArray(entities) || entities.length !== asked.length) {
    if (errors?.length) return;
    throw new AppError('SUBGRAPH_INVALID_RESPONSE', `The service ${step.subgraph} did not answer for every entity.`);
  }
  asked.forEach(({ members }, index) => {
    mergeEntity(step, entities[index], members, targets, execution);
  });
}

function gather(step: FetchStep, requires: Requires, targets: readonly JsonRecord[], execution: Execution): Asked[] {
  const asked = new Map<string, Asked>();
  targets.forEach((target, index) => {
    const result = represent(execution.fullSchema, target, requires);
    // What cannot be asked for fails for the reason its input is missing; without a reason the object is simply not there.
    const cause = result.kind === 'missing' ? execution.failures.find(result.record, result.key) : null;
    if (cause) execution.failures.record(target, step.keys, cause);
    if (result.kind !== 'built') return;
    applyRewrites(execution.fullSchema, step.inputRewrites, result.value);
    const key = JSON.stringify(result.value);
    const known = asked.get(key);
    if (known) known.members.push(index);
    else asked.set(key, { representation: result.value, members: [index] });
  });
  return [...asked.values()];
}

/** An error about one entity goes wherever the entity occurs; any other concerns every object that was asked about. */
function reportErrors(
  step: FetchStep,
  errors: readonly GraphQLFormattedError[],
  asked: readonly Asked[],
  targets: readonly JsonRecord[],
  { data, log, failures }: Execution,
): void {
  if (errors.length === 0) return;
  const paths = targetPathsAt(data, step.path);
  const everyone = asked
    .flatMap(({ members }) => members.map((member) => targets[member]))
    .filter((target) => target !== undefined);
  for (const error of errors) {
    const failure = toFailureOf(error, step.subgraph);
    const [, index, ...rest] = pathOf(error) ?? [];
    const members = typeof index === 'number' ? asked[index]?.members : undefined;
    for (const member of members ?? []) log.add({ ...failure, path: [...(paths[member] ?? []), ...rest] });
    if (members) continue;
    for (const target of everyone) failures.record(target, step.keys, failure);
  }
}

function mergeEntity(
  step: FetchStep,
  entity: unknown,
  members: readonly number[],
  targets: readonly JsonRecord[],
  { fullSchema }: Execution,
): void {
  if (!isRecord(entity)) return;
  for (const member of members) {
    const target = targets[member];
    if (!target) continue;
    const received = newRecord();
    mergeInto(received, entity);
    // A rewrite for one type of several needs to know which this is.
    if (received['__typename'] === undefined && target['__typename'] !== undefined)
      received['__typename'] = target['__typename'];
    applyRewrites(fullSchema, step.outputRewrites, received);
    mergeInto(target, received);
  }
}
