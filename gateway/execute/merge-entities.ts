import type { GraphQLSchema } from 'graphql';
import type { EntityBatch } from './codegen/gather.ts';
import type { CompiledFields, CompiledList } from './compile-request.ts';
import { copyValue, mergeInto } from './merge.ts';
import type { PlannedFetch } from './planned-fetch.ts';
import { isRecord, type JsonRecord, newRecord } from './record.ts';
import { applyRewrites } from './rewrites.ts';
import { isVagueTypename } from './type-conditions.ts';

/** Merges answered entities into all objects they stand for. Their objects are taken over. A null entity changes nothing. */
export function mergeEntities(
  schema: GraphQLSchema,
  compiled: CompiledList,
  { targets, members, ends }: EntityBatch,
  entities: readonly unknown[],
): void {
  const { list, assign } = compiled;
  const { fetch } = list.parts[0];
  const taken = new Uint8Array(entities.length);
  let from = 0;
  for (let part = 0; part < ends.length; part += 1) {
    const isShareable = list.parts[part]?.isShareable === true;
    const end = ends[part] ?? from;
    for (let index = from; index < end; index += 1) {
      const member = members[index] ?? -1;
      const [target, entity] = [targets[index], entities[member]];
      if (target === undefined || !isRecord(entity)) continue;
      const copy = !isShareable && taken[member] === 1;
      taken[member] = 1;
      if (assign) assign(target, entity, copy);
      else assignRewritten(schema, fetch, target, entity);
    }
    from = end;
  }
}

/** Merges root fields into the objects at a fetch's path: the root, or each object that leads back to it. */
export function mergeRoot(
  schema: GraphQLSchema,
  fetch: PlannedFetch,
  { assign }: CompiledFields,
  targets: readonly JsonRecord[],
  data: JsonRecord,
): void {
  targets.forEach((target, index) => {
    if (assign) assign(target, data, index > 0);
    else assignRewritten(schema, fetch, target, data);
  });
}

/** What the planner wants renamed or set is changed in a copy: it may depend on the type of the object it goes to. */
function assignRewritten(
  schema: GraphQLSchema,
  { requires, outputRewrites }: PlannedFetch,
  target: JsonRecord,
  source: JsonRecord,
): void {
  const received = newRecord();
  for (const key of Object.keys(source)) received[key] = copyValue(source[key]);
  // A rewrite for one type of several needs to know which this is.
  if (requires && received['__typename'] === undefined && target['__typename'] !== undefined)
    received['__typename'] = target['__typename'];
  applyRewrites(schema, outputRewrites, received);
  if (target['__typename'] !== undefined && isVagueTypename(schema, received['__typename']))
    delete received['__typename'];
  mergeInto(target, received);
}
