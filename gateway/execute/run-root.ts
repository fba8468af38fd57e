import type { SubgraphResponse } from '../transport/transport.ts';
import type { CompiledFields } from './compile-request.ts';
import type { Execution } from './execution.ts';
import { toFailure } from './failures.ts';
import { mergeRoot } from './merge-entities.ts';
import { isRecord, type JsonRecord } from './record.ts';
import type { RootRequest } from './schedule.ts';
import { sendTo } from './send.ts';
import { invalidRoot, pathOf, toFailureOf } from './subgraph-errors.ts';
import { placesAt, targetsAt } from './targets.ts';

/** Asks for root fields and merges them into the objects at the fetch's path. Never rejects. */
export async function runRoot(request: RootRequest, fields: CompiledFields, execution: Execution): Promise<void> {
  const { subgraph, operation, variables, fetch } = request;
  const targets = targetsAt(execution.data, fetch.path);
  if (targets.length === 0) return;
  try {
    const outgoing = { subgraph, operation, variables, representations: [] };
    const response = await sendTo(outgoing, execution.replies.get(request.index), execution);
    takeResponse(request, fields, targets, response, execution);
  } catch (error) {
    const failure = toFailure(error, subgraph);
    for (const target of targets) execution.failures.record(target, fields.keys, failure);
  }
}

function takeResponse(
  { subgraph, fetch }: RootRequest,
  fields: CompiledFields,
  targets: readonly JsonRecord[],
  { data, errors = [] }: SubgraphResponse,
  execution: Execution,
): void {
  const places = errors.length === 0 ? [] : [...placesAt(execution.data, fetch.path).values()].flat();
  for (const error of errors) {
    const failure = toFailureOf(error, subgraph);
    const path = pathOf(error);
    if (path) for (const place of places) execution.log.add({ ...failure, path: [...place, ...path] });
    else for (const target of targets) execution.failures.record(target, fields.keys, failure);
  }
  if (isRecord(data)) mergeRoot(execution.fullSchema, fetch, fields, targets, data);
  else if (errors.length === 0) throw invalidRoot(subgraph);
}
