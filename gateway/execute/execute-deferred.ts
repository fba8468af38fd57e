import type { GraphQLFormattedError } from 'graphql';
import { Answer, type DeferredPart, type PendingPart } from '../answer.ts';
import type { ShapedOperation } from '../plan/prepare.ts';
import { createErrorLog, type ErrorLog } from './error-log.ts';
import type { Execution } from './execution.ts';
import type { Finish } from './finish.ts';
import { createPartQueue, type PartQueue } from './part-queue.ts';
import { runRequests } from './run-schedule.ts';
import type { DeferredBlock, Schedule, ScheduledRequest } from './schedule.ts';
import type { LaterObject } from './shape.ts';

/**
 * Parts of one answer: each costs ten times what its fields would beside the others, and a list of 100,000 items with a
 * deferred fragment has as many. An answer of more comes whole, which a server is free to do.
 */
const PART_LIMIT = 10_000;

/** A part that has been announced. */
interface AnnouncedPart {
  readonly id: string;
  readonly object: LaterObject;
}

/** What happens to parts that are ready. */
interface Delivery {
  readonly operation: ShapedOperation;
  readonly execution: Execution;
  readonly finish: Finish;
  readonly queue: PartQueue;
  /** Errors told by the fetches of each block, by label; blocks in here are finished. */
  readonly finished: Map<string | null, GraphQLFormattedError[]>;
  /** How many blocks of a label are still running. */
  readonly running: Map<string | null, number>;
  readonly announced: Set<AnnouncedPart>;
  /** Told what nobody expected. */
  readonly onFailure: (error: unknown) => void;
  /** Ids are numbers in order of announcement. */
  nextId: number;
}

/**
 * Executes an operation of which parts come later (`@defer`). Blocks start as soon as the fetches they need are finished;
 * a part is delivered once all blocks of its label are, one part for each object. Leaving the parts early aborts what
 * still runs.
 */
export async function executeDeferred(
  operation: ShapedOperation,
  schedule: Schedule,
  begun: Execution,
  { finish, onFailure }: Pick<Delivery, 'finish' | 'onFailure'>,
): Promise<Answer> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([begun.context.signal, leaving.signal]);
  const execution: Execution = { ...begun, context: { ...begun.context, signal } };
  const queue = createPartQueue(() => leaving.abort());
  const delivery: Delivery = {
    operation,
    execution,
    finish,
    queue,
    finished: new Map(),
    running: new Map(),
    announced: new Set(),
    onFailure,
    nextId: 0,
  };
  const done = new Map<ScheduledRequest, Promise<void>>();
  const primary = runRequests(schedule.primary, execution, done);
  const blocks = startBlocks(schedule.deferred, delivery, done);
  await primary;
  const fetched = [...execution.log.errors];
  const { result, later } = finish.initial(operation, execution);
  if (later.length > PART_LIMIT) {
    const logs = await Promise.all(blocks.map(({ finished }) => finished));
    const log = createErrorLog();
    for (const error of [...fetched, ...logs.flatMap(({ errors }) => errors)]) log.add(error);
    return Answer.ofResult(finish.whole(operation, { ...execution, log }));
  }
  const pending = announce(later, delivery);
  if (pending.length === 0) {
    leaving.abort();
    return Answer.ofResult(result);
  }
  for (const { label, finished } of blocks) void finished.then((log) => settle(label, log, delivery));
  deliverReady(delivery);
  return Answer.ofResult(result, { pending, parts: queue.parts });
}

/** Blocks within blocks start as early: only their parts wait for the object they belong to. */
function startBlocks(
  blocks: readonly DeferredBlock[],
  delivery: Pick<Delivery, 'execution' | 'running' | 'onFailure'>,
  done: Map<ScheduledRequest, Promise<void>>,
): { readonly label: string | null; readonly finished: Promise<ErrorLog> }[] {
  const { execution, running, onFailure } = delivery;
  return blocks.flatMap((block) => {
    const log = createErrorLog();
    running.set(block.label, (running.get(block.label) ?? 0) + 1);
    const finished = runRequests(block.requests, { ...execution, log }, done)
      .catch(onFailure)
      .then(() => log);
    return [{ label: block.label, finished }, ...startBlocks(block.deferred, delivery, done)];
  });
}

function settle(label: string | null, log: ErrorLog, delivery: Delivery): void {
  const { running, finished } = delivery;
  finished.set(label, [...(finished.get(label) ?? []), ...log.errors]);
  running.set(label, (running.get(label) ?? 1) - 1);
  deliverReady(delivery);
}

function deliverReady(delivery: Delivery): void {
  const { announced, running, queue } = delivery;
  // What a part announces is added at the end, and met in the same turn.
  for (const part of announced) {
    if ((running.get(part.object.label) ?? 0) > 0) continue;
    announced.delete(part);
    queue.push(toPart(part, delivery));
  }
  if (announced.size === 0) queue.end();
}

function toPart({ id, object }: AnnouncedPart, delivery: Delivery): DeferredPart {
  const log = createErrorLog();
  for (const error of delivery.finished.get(object.label) ?? []) if (isWithin(error, object)) log.add(error);
  try {
    const { data, later } = delivery.finish.later(delivery.operation, { ...delivery.execution, log }, object);
    return { id, data, errors: log.errors, pending: announce(later, delivery) };
  } catch (error) {
    delivery.onFailure(error);
    const failed = { message: 'Something failed inside.', path: object.path, extensions: { code: 'INTERNAL' } };
    return { id, data: null, errors: [failed], pending: [] };
  }
}

function isWithin({ path = [] }: GraphQLFormattedError, object: LaterObject): boolean {
  return object.path.every((part, depth) => path[depth] === part);
}

function announce(later: readonly LaterObject[], delivery: Delivery): PendingPart[] {
  const labels = delivery.operation.deferLabels;
  return later.map((object) => {
    const id = String(delivery.nextId);
    delivery.nextId += 1;
    delivery.announced.add({ id, object });
    const { label, path } = object;
    return { id, path, label: label !== null && labels.has(label) ? (labels.get(label) ?? null) : label };
  });
}
