import type { ScheduledRequest } from '../schedule.ts';
import type { PlanPath } from '../targets.ts';
import type { ReplyField, ReplyObject } from './reply-shape.ts';
import { Unplain } from './unplain.ts';

/** Where one reply's part of an object is. */
export interface Source {
  readonly object: ReplyObject;
  readonly request: ScheduledRequest;
  readonly at:
    | { readonly kind: 'root' }
    /** In the object itself, where it occurs. */
    | { readonly kind: 'inline' }
    /** In a list of entities; the slot keeps the index in it. */
    | { readonly kind: 'entity'; readonly list: number; readonly slot: number };
}

/** A place of the answer, as the plan has it: objects of one type, and all replies that have something of them. */
export interface Place {
  /** What an occurrence is known by; null for the root, which there is once. */
  readonly anchor: ReplyObject | null;
  readonly typename: string;
  readonly sources: Source[];
  readonly children: Map<string, Place>;
}

/** The root, with nothing in it. */
export function createRoot(typename: string): Place {
  return { anchor: null, typename, sources: [], children: new Map() };
}

/** The only source of a field, and the field. Throws Unplain when nobody or more than one has it. */
export function fieldAt({ sources }: Place, key: string): { readonly source: Source; readonly field: ReplyField } {
  const found = sources.flatMap((source) =>
    source.object.fields.flatMap((field) => (field.key === key ? [{ source, field }] : [])),
  );
  const [first, second] = found;
  if (!first) throw new Unplain('unserved-field');
  if (second) throw new Unplain('overlap');
  return first;
}

/** The place of the objects in a field. */
export function childOf(place: Place, key: string): Place {
  const { source, field } = fieldAt(place, key);
  const known = place.children.get(key);
  if (known) return known;
  const { below } = field;
  if (!below) throw new Unplain('representation');
  const inline: Source = { object: below, request: source.request, at: { kind: 'inline' } };
  const child: Place = { anchor: below, typename: below.typename, sources: [inline], children: new Map() };
  place.children.set(key, child);
  return child;
}

/** The keys of a path, without marks of lists; they must be where the replies have lists. Throws Unplain. */
export function keysOf(root: Place, path: PlanPath): string[] {
  const keys: string[] = [];
  let place = root;
  for (let index = 0; index < path.length; index += 1) {
    const key = String(path[index]);
    const { field } = fieldAt(place, key);
    const isList = path[index + 1] === '@';
    if (isList !== (field.kind === 'list')) throw new Unplain('representation');
    if (isList) index += 1;
    keys.push(key);
    place = childOf(place, key);
  }
  return keys;
}

/** The place at the end of some keys. */
export function placeAt(root: Place, keys: readonly string[]): Place {
  return keys.reduce(childOf, root);
}
