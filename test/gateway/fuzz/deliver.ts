import type { Answer } from '../../../gateway/answer.ts';
import { contextOf, toJson } from '../../support/federation-cases.ts';
import type { PlainAnswer } from './compare.ts';
import type { Operation } from './generate-operation.ts';
import type { OpenWorld } from './open-world.ts';
import { KEYS, keyFieldsOf, type World } from './world.ts';

type Fields = Record<string, unknown>;

/** An answer with its deferred parts put where they belong, and how many came. */
export async function collectDeferred(answer: Answer): Promise<PlainAnswer & { readonly parts: number }> {
  const { data, errors = [] } = toJson(answer.result) as PlainAnswer;
  const all = [...errors];
  const pending = new Map((answer.deferred?.pending ?? []).map((part) => [part.id, part]));
  let parts = 0;
  for await (const part of answer.deferred?.parts ?? []) {
    parts += 1;
    const announced = pending.get(part.id);
    if (!announced) throw new Error(`Part ${part.id} was not announced, or came twice.`);
    pending.delete(part.id);
    for (const next of part.pending) pending.set(next.id, next);
    all.push(...(toJson(part.errors) as typeof errors));
    const target = announced.path.reduce<unknown>((value, key) => (value as Fields)[key], data);
    if (part.data) merge(target as Fields, toJson(part.data) as Fields);
  }
  if (pending.size > 0) throw new Error(`${pending.size} parts were announced and never came.`);
  return { data, ...(all.length > 0 ? { errors: all } : {}), parts };
}

/** Runs an operation with `@defer` and collects its parts. */
export async function runDeferred({ engine }: OpenWorld, { query, variables }: Operation) {
  const operation = await engine.prepare({ query, variables, incremental: true }, null);
  return collectDeferred(await engine.execute(operation, contextOf(null)));
}

/** A world with a subgraph of events: `Subscription.changed`, and `Query.current`, which is about the same entity. */
export function withEvents(world: World, choice: number): World {
  const entities = world.entities.filter(({ name }) => name.startsWith('E'));
  const event = entities[choice % entities.length];
  if (!event) return world;
  const current = { name: 'current', type: `${event.name}!`, args: [], owners: ['events'] };
  return { ...world, subgraphs: [...world.subgraphs, 'events'], roots: [...world.roots, current], event };
}

/** The payload a broker would bring: type and keys of the entity that `current` is. */
export async function payloadOf({ world, whole }: OpenWorld): Promise<Fields> {
  const keys = keyFieldsOf(KEYS[world.event?.key ?? 'simple']).map((name) => (name === 'org' ? 'org { id }' : name));
  const query = `{ current { __typename ${keys.join(' ')} } }`;
  const { data } = await whole.run({ query, variables: {}, faults: () => null });
  return (toJson(data) as { current: Fields }).current;
}

/** Runs the subscription that asks of `changed` what `query` asks of `current`. */
export async function runEvent(opened: OpenWorld, { query, variables }: Operation): Promise<PlainAnswer> {
  const { engine } = opened;
  const text = query.replace(/^query/, 'subscription').replace('{ it: current ', '{ it: changed ');
  const operation = await engine.prepare({ query: text, variables }, null);
  return toJson(await engine.executeEvent(operation, await payloadOf(opened), contextOf(null))) as PlainAnswer;
}

/** The same value with the keys of every object in order of the alphabet: parts arrive in any order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function merge(target: Fields, source: Fields): void {
  for (const [key, value] of Object.entries(source)) target[key] = merged(target[key], value);
}

function merged(known: unknown, value: unknown): unknown {
  if (Array.isArray(known) && Array.isArray(value)) return value.map((item, index) => merged(known[index], item));
  if (typeof known !== 'object' || known === null || typeof value !== 'object' || value === null) return value;
  merge(known as Fields, value as Fields);
  return known;
}
