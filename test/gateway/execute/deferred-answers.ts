import type { Answer, DeferredPart } from '../../../gateway/answer.ts';
import type { Engine } from '../../../gateway/engine.ts';
import { toJson } from '../../support/federation-cases.ts';

/** An answer whose parts came one after the other. */
export interface DeferredAnswer {
  readonly initial: { readonly data?: unknown; readonly errors?: readonly { path?: unknown }[] };
  readonly pending: readonly { id: string; path: readonly (string | number)[]; label: string | null }[];
  readonly parts: readonly DeferredPart[];
}

/** Runs an operation for a client that takes parts. */
export async function executeIncrementally(
  engine: Engine,
  query: string,
  variables: Record<string, unknown> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> {
  const operation = await engine.prepare({ query, variables, incremental: true }, null);
  return engine.execute(operation, { identity: null, requestId: 'test', signal });
}

/** Runs an operation and reads all of its parts. */
export async function runDeferred(
  engine: Engine,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<DeferredAnswer> {
  const answer = await executeIncrementally(engine, query, variables);
  const parts: DeferredPart[] = [];
  if (answer.deferred) for await (const part of answer.deferred.parts) parts.push(toJson(part) as DeferredPart);
  const pending = toJson(answer.deferred?.pending ?? []) as DeferredAnswer['pending'];
  return { initial: toJson(answer.result) as DeferredAnswer['initial'], pending, parts };
}

type Json = Record<string, unknown>;

/** What a client holds once it has put all parts into their places. */
export function assemble({ initial, pending, parts }: DeferredAnswer): unknown {
  const places = new Map(pending.map(({ id, path }) => [id, path]));
  for (const part of parts) {
    for (const { id, path } of part.pending) places.set(id, path);
    const place = (places.get(part.id) ?? []).reduce<unknown>((at, key) => (at as Json)[key], initial.data);
    if (part.data) mergeDeep(place as Json, part.data as Json);
  }
  return initial.data;
}

function mergeDeep(target: Json, source: Json): void {
  for (const [key, value] of Object.entries(source)) {
    const known = target[key];
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null)
      mergeDeep(known as Json, value as Json);
    else target[key] = value;
  }
}
