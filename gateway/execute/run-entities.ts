import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphResponse } from '../transport/transport.ts';
import type { EntityBatch } from './codegen/gather.ts';
import type { CompiledList } from './compile-request.ts';
import { gatherBatch } from './entity-batch.ts';
import type { Execution } from './execution.ts';
import { type Failure, toFailure } from './failures.ts';
import type { FetchedReply } from './fast-path.ts';
import { mergeEntities } from './merge-entities.ts';
import { isRecord, type JsonRecord, ownValue } from './record.ts';
import { PLAIN_NAMES } from './schedule/merge-operations.ts';
import type { EntityRequest } from './schedule.ts';
import { sendTo } from './send.ts';
import { invalidEntities, pathOf, toFailureOf } from './subgraph-errors.ts';
import { placesAt, type ResponsePath } from './targets.ts';

/** A list of a request with what is asked in it, and the names by which it is asked. */
interface AskedList {
  readonly compiled: CompiledList;
  readonly batch: EntityBatch;
  readonly responseKey: string;
  readonly variable: string;
}

type Question = Pick<EntityRequest, 'subgraph' | 'operation' | 'variables'>;

/**
 * Asks a subgraph about objects known by their keys: each distinct one once, each answer merged into all it stands for.
 * Nothing is sent when there is nobody to ask about. Never rejects: what goes wrong fails the fields it should have set.
 */
export async function runEntities(
  request: EntityRequest,
  lists: readonly CompiledList[],
  execution: Execution,
): Promise<void> {
  const asked = lists.map((compiled): AskedList => {
    const { responseKey, variable } = compiled.list;
    return { compiled, batch: gatherBatch(compiled, execution), responseKey, variable };
  });
  if (asked.every(({ batch }) => batch.texts.length === 0)) return;
  const lost = await ask(request, asked, execution.replies.get(request.index), execution);
  // They had no part in the error that nulled the whole response, so each is asked on its own, once.
  await Promise.all(lost.map((list) => askAlone(list, execution)));
}

async function askAlone(list: AskedList, execution: Execution): Promise<void> {
  const alone = { ...list, ...PLAIN_NAMES };
  await ask(list.compiled.list.parts[0].fetch, [alone], undefined, execution);
}

/** Resolves with the lists that were lost to an error of another list. */
async function ask(
  question: Question,
  lists: readonly AskedList[],
  reply: FetchedReply | undefined,
  execution: Execution,
): Promise<AskedList[]> {
  const representations = lists.map(({ variable, batch }) => ({ variable, texts: batch.texts }));
  const { subgraph, operation, variables } = question;
  try {
    const response = await sendTo({ subgraph, operation, variables, representations }, reply, execution);
    return takeResponse(subgraph, lists, response, execution);
  } catch (error) {
    const failure = toFailure(error, subgraph);
    for (const list of lists) failList(list, failure, execution);
    return [];
  }
}

function takeResponse(
  subgraph: string,
  lists: readonly AskedList[],
  { data, errors = [] }: SubgraphResponse,
  execution: Execution,
): AskedList[] {
  const explained = errors.length === 0 ? new Set<AskedList>() : reportErrors(subgraph, lists, errors, execution);
  const lost: AskedList[] = [];
  for (const list of lists) {
    const { texts } = list.batch;
    const entities = isRecord(data) ? ownValue(data, list.responseKey) : undefined;
    if (Array.isArray(entities) && entities.length === texts.length)
      mergeEntities(execution.fullSchema, list.compiled, list.batch, entities);
    else if (texts.length === 0 || explained.has(list)) continue;
    else if (explained.size > 0) lost.push(list);
    else failList(list, toFailure(invalidEntities(subgraph), subgraph), execution);
  }
  return lost;
}

/**
 * An error about one entity goes wherever the entity occurs, one about a list to all objects asked about in it, any other
 * to all. Returns the lists that some error is about.
 */
function reportErrors(
  subgraph: string,
  lists: readonly AskedList[],
  errors: readonly GraphQLFormattedError[],
  execution: Execution,
): Set<AskedList> {
  const explained = new Set<AskedList>();
  const placesOf = createPlaces(execution);
  for (const error of errors) {
    const failure = toFailureOf(error, subgraph);
    const [responseKey, index, ...rest] = pathOf(error) ?? [];
    const about = lists.find((list) => list.responseKey === responseKey);
    const places = about && typeof index === 'number' ? placesOf(about, index) : null;
    for (const list of about ? [about] : lists) {
      explained.add(list);
      if (!places) failList(list, failure, execution);
    }
    if (places) addAt(places, rest, failure, execution);
  }
  return explained;
}

function addAt(places: Places, rest: ResponsePath, failure: Failure, { log }: Execution): void {
  // A log that is full keeps no more: very many errors in very many places cost nothing.
  for (const place of log.isFull ? [] : places) log.add({ ...failure, path: [...place, ...rest] });
}

type Places = readonly ResponsePath[];

/** Where the entity at an index of a list is in the answer; null when there is none at that index. */
function createPlaces({ data }: Execution): (list: AskedList, index: number) => Places | null {
  const known = new Map<AskedList, Map<number, Places>>();
  return (list, index) => {
    const places = known.get(list) ?? locate(list, data);
    known.set(list, places);
    return places.get(index) ?? null;
  };
}

function locate({ compiled, batch }: AskedList, data: JsonRecord): Map<number, ResponsePath[]> {
  const places = new Map<number, ResponsePath[]>();
  let from = 0;
  compiled.list.parts.forEach(({ fetch }, part) => {
    const end = batch.ends[part] ?? from;
    const ofTarget = placesAt(data, fetch.path);
    for (let index = from; index < end; index += 1) {
      const [target, member] = [batch.targets[index], batch.members[index]];
      const found = target && ofTarget.get(target);
      if (!found || member === undefined) continue;
      // An object that occurs in many places is among the targets many times; its places are told once.
      ofTarget.delete(target);
      const known = places.get(member);
      if (known) known.push(...found);
      else places.set(member, found);
    }
    from = end;
  });
  return places;
}

function failList({ compiled, batch }: AskedList, failure: Failure, { failures }: Execution): void {
  for (const target of batch.targets) failures.record(target, compiled.keys, failure);
}
