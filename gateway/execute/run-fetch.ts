import { AppError } from '../../lib/errors.ts';
import type { SubgraphResponse } from '../transport/transport.ts';
import type { FetchStep } from './compile-plan.ts';
import { askEntities } from './entity-fetch.ts';
import type { Execution } from './execution.ts';
import { toFailure } from './failures.ts';
import { mergeInto } from './merge.ts';
import { isRecord, type JsonRecord, newRecord } from './record.ts';
import { applyRewrites } from './rewrites.ts';
import { sendTo } from './send.ts';
import { pathOf, toFailureOf } from './subgraph-errors.ts';
import { targetsAt } from './targets.ts';

/** Runs one fetch and merges its answer. Whatever goes wrong becomes an error of the fields it should have set. Never rejects. */
export async function runFetch(step: FetchStep, execution: Execution): Promise<void> {
  const targets = targetsAt(execution.data, step.path);
  if (targets.length === 0) return;
  try {
    if (step.requires) await askEntities(step, step.requires, targets, execution);
    else mergeRoot(step, targets, await sendTo(step, {}, execution), execution);
  } catch (error) {
    const failure = toFailure(error, step.subgraph);
    for (const target of targets) execution.failures.record(target, step.keys, failure);
  }
}

function mergeRoot(step: FetchStep, targets: readonly JsonRecord[], response: SubgraphResponse, execution: Execution) {
  for (const error of response.errors ?? []) {
    const failure = toFailureOf(error, step.subgraph);
    const path = pathOf(error);
    if (path) execution.log.add({ ...failure, path });
    else for (const target of targets) execution.failures.record(target, step.keys, failure);
  }
  if (!isRecord(response.data)) {
    if (response.errors?.length) return;
    throw new AppError('SUBGRAPH_INVALID_RESPONSE', `The service ${step.subgraph} answered without data.`);
  }
  const received = newRecord();
  mergeInto(received, response.data);
  applyRewrites(execution.fullSchema, step.outputRewrites, received);
  for (const target of targets) mergeInto(target, received);
}
