import type { GraphQLSchema } from 'graphql';
import type { SelectionGroup } from '../client-selection.ts';
import { projectionsOf, type TypeProjection } from '../codegen/projections.ts';
import type { Source } from '../codegen/source.ts';
import type { PlannedFetch } from '../planned-fetch.ts';
import type { EntityList, EntityPart, EntityRequest, RootRequest, Schedule, ScheduledRequest } from '../schedule.ts';
import { gatherOf } from './gather-source.ts';
import type { LeafCheck } from './leaf-check.ts';
import { createRoot, keysOf, type Place, placeAt } from './places.ts';
import { type Program, type ProgramRequest, toMachine } from './program.ts';
import { type ReplyObject, toReplyObject } from './reply-shape.ts';
import { entityReplyOf, rootReplyOf, type ScannedList, scannerOf } from './scan-source.ts';
import { Unplain } from './unplain.ts';
import { writerOf } from './write-source.ts';

/** What is compiled. */
export interface ProgramOptions {
  readonly schedule: Schedule;
  /** What the client selected. */
  readonly group: SelectionGroup;
  /** Values of the variables of @skip and @include: the program holds for these. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: GraphQLSchema;
  readonly fullSchema: GraphQLSchema;
}

/** What is known while a program is put together. */
interface Compiling extends ProgramOptions {
  readonly root: Place;
  readonly objects: ReplyObject[];
  readonly lists: {
    readonly request: EntityRequest;
    readonly scanned: ScannedList;
    readonly projection: TypeProjection;
  }[];
  readonly gathers: Source[];
  marks: number;
}

/** Compiles a query for the fast path. Throws Unplain when it is not for it. */
export function compileProgram(options: ProgramOptions): Program {
  const { schedule, schema, group } = options;
  const query = schema.getQueryType()?.name ?? '';
  const compiling: Compiling = { ...options, root: createRoot(query), objects: [], lists: [], gathers: [], marks: 1 };
  const { root, objects, lists, gathers } = compiling;
  for (const request of schedule.requests) {
    if (request.operation.kind !== 'query') throw new Unplain('mutation');
    if (request.kind === 'root') addRoot(request, compiling);
    else addEntities(request, compiling);
  }
  const requests = schedule.requests.length;
  const functions: Source[] = [];
  const memos: string[] = [];
  const identity = identityOf(compiling);
  const write = writerOf(root, group, { schema, layout: { requests }, identity, functions, memos });
  // Only now all fields that clients see are known, and with them what is checked.
  const checks: LeafCheck[] = [];
  const scanners = objects.map((object) => scannerOf(object, checks));
  const scans = schedule.requests.map((request) => scanOf(request, compiling));
  const answer = `'{"data":' + ${write}(0) + '}'`;
  const machine = toMachine({
    requests,
    functions: [...scanners, ...functions],
    scans,
    gathers,
    answer,
    memos,
    checks,
  });
  return { requests: toRequests(compiling), lists: lists.length, machine };
}

/** What entities of a list are asked by. */
function identityOf({ lists }: Compiling): (list: number) => ReadonlySet<string> {
  return (list) => new Set(lists[list]?.projection.fields);
}

function addRoot(request: RootRequest, compiling: Compiling): void {
  const { fetch } = request;
  if (fetch.path.length > 0) throw new Unplain('representation');
  if (fetch.outputRewrites.length > 0) throw new Unplain('rewrite');
  const object = toShape(compiling.root.typename, fetch, request, compiling);
  compiling.root.sources.push({ object, request, at: { kind: 'root' } });
}

function addEntities(request: EntityRequest, compiling: Compiling): void {
  const attached = request.lists.flatMap((list) => {
    const index = compiling.lists.length;
    const projection = projectionOf(list, compiling);
    const [{ fetch }] = list.parts;
    const object = toShape(projection.typename, fetch, request, compiling);
    compiling.lists.push({ request, scanned: { index, responseKey: list.responseKey, object }, projection });
    const places = list.parts.map((part) => placeOf(part, projection, compiling));
    return places.map((place) => ({ place, object, index, projection }));
  });
  const answered = ancestorsOf(request);
  // All places first, then what is asked: nothing may be read that this very request delivers.
  const gathers = new Map<number, Source[]>();
  const slots = attached.map(({ place }) => {
    if (!place.place.anchor) throw new Unplain('representation');
    return place.place.anchor.slots++;
  });
  attached.forEach(({ place, index, projection }, position) => {
    const { root, schedule } = compiling;
    const mark = compiling.marks;
    compiling.marks += place.keys.length + 1;
    const slot = slots[position] as number;
    const part = { root, keys: place.keys, projection, slot, mark, answered, identity: identityOf(compiling) };
    const source = gatherOf(part, { requests: schedule.requests.length });
    gathers.set(index, [...(gathers.get(index) ?? []), source]);
  });
  for (const sources of gathers.values()) compiling.gathers.push(sources.join('\n'));
  attached.forEach(({ place, object, index }, position) => {
    place.place.sources.push({ object, request, at: { kind: 'entity', list: index, slot: slots[position] as number } });
  });
}

function placeOf({ fetch }: EntityPart, { typename }: TypeProjection, { root }: Compiling) {
  const keys = keysOf(root, fetch.path);
  const place = placeAt(root, keys);
  if (place.typename !== typename) throw new Unplain('representation');
  return { place, keys };
}

function ancestorsOf(request: ScheduledRequest, found = new Set<ScheduledRequest>()): Set<ScheduledRequest> {
  for (const other of request.after)
    if (!found.has(other)) {
      found.add(other);
      ancestorsOf(other, found);
    }
  return found;
}

function projectionOf(
  { requires, inputRewrites, outputRewrites }: EntityList,
  { fullSchema }: Compiling,
): TypeProjection {
  if (inputRewrites.length > 0 || outputRewrites.length > 0) throw new Unplain('rewrite');
  const [projection, other] = projectionsOf(fullSchema, requires, inputRewrites);
  if (!projection || other) throw new Unplain('representation');
  return projection;
}

function toShape(
  typename: string,
  { selection, fragments }: PlannedFetch,
  { index: reply }: ScheduledRequest,
  compiling: Compiling,
) {
  const { fullSchema: schema, variables, objects } = compiling;
  return toReplyObject(typename, [selection], { schema, fragments, variables, reply, objects });
}

function scanOf(request: ScheduledRequest, { root, lists, schedule }: Compiling): Source {
  const source = root.sources.find((one) => one.request === request);
  if (source) return rootReplyOf(request.index, source.object);
  const own = lists.flatMap((list) => (list.request === request ? [list.scanned] : []));
  return entityReplyOf(schedule.requests.length, own);
}

function toRequests({ schedule, lists }: Compiling): ProgramRequest[] {
  const made = schedule.requests.map((request) => ({
    request,
    waitsFor: request.after.length,
    dependents: [] as ProgramRequest[],
    lists: lists.flatMap((list) =>
      list.request === request
        ? [{ index: list.scanned.index, variable: variableOf(request, list.scanned.responseKey) }]
        : [],
    ),
  }));
  for (const one of made) for (const other of one.request.after) made[other.index]?.dependents.push(one);
  return made;
}

function variableOf(request: EntityRequest, responseKey: string): string {
  return request.lists.find((list) => list.responseKey === responseKey)?.variable ?? '';
}
