import type { GraphQLSchema } from 'graphql';
import { type Assign, compileAssign, selectedKeys } from './codegen/assign.ts';
import { compileGather, type Gather } from './codegen/gather.ts';
import { projectionsOf } from './codegen/projections.ts';
import type { PlannedFetch } from './planned-fetch.ts';
import type { EntityList, ScheduledRequest } from './schedule.ts';
import { isVagueTypename } from './type-conditions.ts';

/** What is generated for one answer of a subgraph and where it goes. */
export interface CompiledFields {
  /** Response names that are set on each target: what is missing when the fetch fails. */
  readonly keys: ReadonlySet<string>;
  /** Null where the planner renames or sets something first. */
  readonly assign: Assign | null;
}

/** A list of entities, compiled. */
export interface CompiledList extends CompiledFields {
  readonly list: EntityList;
  /** One for each part. */
  readonly gathers: readonly Gather[];
  /** Maps of known representations that gathering needs. */
  readonly knownBy: number;
}

/** A request of a schedule, compiled. */
export type CompiledRequest =
  | { readonly kind: 'root'; readonly fields: CompiledFields }
  | { readonly kind: 'entities'; readonly lists: readonly CompiledList[] };

/** Compiles requests of schedules for one supergraph, each once. */
export function createRequestCompiler(schema: GraphQLSchema): (request: ScheduledRequest) => CompiledRequest {
  const compiled = new WeakMap<ScheduledRequest, CompiledRequest>();
  const compile = (request: ScheduledRequest): CompiledRequest => {
    if (request.kind === 'root') return { kind: 'root', fields: compileFields(schema, request.fetch) };
    return { kind: 'entities', lists: request.lists.map((list) => compileList(schema, list)) };
  };
  return (request) => {
    const known = compiled.get(request);
    if (known) return known;
    const made = compile(request);
    compiled.set(request, made);
    return made;
  };
}

function compileList(schema: GraphQLSchema, list: EntityList): CompiledList {
  const projections = projectionsOf(schema, list.requires, list.inputRewrites);
  const gathers = list.parts.map(({ fetch }) => compileGather(projections, fetch.path));
  return { list, gathers, knownBy: projections.length + 1, ...compileFields(schema, list.parts[0].fetch) };
}

function compileFields(schema: GraphQLSchema, fetch: PlannedFetch): CompiledFields {
  const { selection, fragments, outputRewrites } = fetch;
  const isVague = (typename: unknown) => isVagueTypename(schema, typename);
  const keys = new Set(selectedKeys(selection, fragments).keys());
  for (const rewrite of outputRewrites) if (rewrite.kind === 'KeyRenamer') keys.add(rewrite.renameKeyTo);
  return { keys, assign: outputRewrites.length === 0 ? compileAssign(selection, fragments, isVague) : null };
}
