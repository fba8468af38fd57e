import type { TypeProjection } from '../codegen/projections.ts';
import { literal, type Source } from '../codegen/source.ts';
import type { ScheduledRequest } from '../schedule.ts';
import { childOf, fieldAt, type Place, type Source as ReplySource } from './places.ts';
import { HEADER, type ReplyField } from './reply-shape.ts';
import { Unplain } from './unplain.ts';

/** What generated code needs to know of the whole. */
export interface Layout {
  /** Requests there are: `state.at` has a root for each of them, then a table for each list. */
  readonly requests: number;
}

/** The header of one reply's part of an object, whose anchor is in `variable`. */
export function headerOf({ at, request }: ReplySource, variable: string, { requests }: Layout): Source {
  if (at.kind === 'inline') return variable;
  if (at.kind === 'root') return `at[${request.index}]`;
  return `tape[at[${requests + at.list}] + tape[${variable} + ${at.slot}]]`;
}

/** The text of a leaf, out of the header in `header`. */
export function leafText(
  { object }: ReplySource,
  { start, slot }: Pick<ReplyField, 'start' | 'slot'>,
  header: Source,
): Source {
  const from = start.offset === 0 ? '' : ` + ${start.offset}`;
  return `t${object.reply}.slice(tape[${header} + ${start.slot}]${from}, tape[${header} + ${slot}])`;
}

/** One part of a list: the objects it is about, how they are represented, where the index of an entity is kept. */
export interface GatheredPart {
  readonly root: Place;
  readonly keys: readonly string[];
  readonly projection: TypeProjection;
  readonly slot: number;
  /** What has been answered by then: nothing else may be read. */
  readonly answered: ReadonlySet<ScheduledRequest>;
  /** Representation fields by list: what an entity of it is known by. */
  readonly identity: (list: number) => ReadonlySet<string>;
  /** Unique among all parts and their steps: marks entities that have been walked through. */
  readonly mark: number;
}

/**
 * Generated code that walks to the objects of a part and notes each representation once, in the order in which the exact
 * executor meets them. An entity that occurs in many places is walked through once: what is below it has been seen.
 */
export function gatherOf(part: GatheredPart, layout: Layout): Source {
  const { root, keys, mark } = part;
  const step = (place: Place, depth: number): Source => {
    const anchor = `v${depth}`;
    const key = keys[depth];
    if (key === undefined) return represent(place, anchor, part, layout);
    const { source, field } = answeredAt(place, key, part);
    const header = `h${depth}`;
    const isShared = source.at.kind === 'entity';
    const next = `v${depth + 1}`;
    const pointer = `tape[${header} + ${field.slot + 1}]`;
    const inside = step(childOf(place, key), depth + 1);
    const walk =
      field.kind === 'list'
        ? `for (let ${next} = ${pointer}; ${next} > 0; ${next} = tape[${next}]) { ${inside} }`
        : `const ${next} = ${pointer}; if (${next} > 0) { ${inside} }`;
    const seen = `tape[${header} + ${HEADER.mark}]`;
    return `const ${header} = ${headerOf(source, anchor, layout)};
      ${isShared ? `if (${seen} !== ${mark + depth}) { ${seen} = ${mark + depth}; ${walk} }` : walk}`;
  };
  return `{ const met = [], v0 = 0; ${step(root, 0)} }`;
}

function answeredAt(place: Place, key: string, { answered }: GatheredPart) {
  const found = fieldAt(place, key);
  if (!answered.has(found.source.request)) throw new Unplain('representation');
  return found;
}

function represent(place: Place, anchor: string, part: GatheredPart, layout: Layout): Source {
  const { projection, slot } = part;
  const typename = place.anchor?.fields.some(({ key, kind }) => key === '__typename' && kind === 'typename');
  if (!typename || projection.typename !== place.typename) throw new Unplain('representation');
  const values = projection.fields.map((key) => {
    const { source, field } = answeredAt(place, key, part);
    if (field.kind !== 'leaf') throw new Unplain('representation');
    return { key, source, text: leafText(source, field, headerOf(source, anchor, layout)) };
  });
  const parts = values.map(({ key, text }, index) => ({ text, before: `,${literal(key)}:`, name: `k${index}` }));
  const reads = parts.map(({ name, text }) => `const ${name} = ${text};`).join(' ');
  const whole = [
    literal(`{"__typename":${literal(projection.sent)}`),
    ...parts.flatMap(({ before, name }) => [literal(before), name]),
    '"}"',
  ].join(' + ');
  // One field tells an entity from another as it is; several do as text.
  const known = parts.length === 1 ? 'k0' : 'text';
  const find = `${reads}
    ${parts.length === 1 ? '' : `const text = ${whole};`}
    index = known.get(${known});
    if (index === undefined) {
      index = texts.push(${parts.length === 1 ? whole : 'text'}) - 1;
      known.set(${known}, index);
    }`;
  const entity = entityOf(place, values, part);
  const slotOf = (at: number) => `tape[${anchor} + ${at}]`;
  return `let index; ${entity === null ? find : onceEach(slotOf(entity), find)}
    ${slotOf(slot)} = index;`;
}

/** Code that represents an entity of an earlier list once, wherever it occurs. */
function onceEach(entity: Source, find: Source): Source {
  return `const entity = ${entity};
    index = met[entity];
    if (index === undefined) { ${find} met[entity] = index; }`;
}

/**
 * The slot of an entity that all of a representation is told by: every value is one of its fields, or is what it was asked by.
 * Null where there is none.
 */
function entityOf(
  { sources }: Place,
  values: readonly { readonly key: string; readonly source: ReplySource }[],
  { identity, answered }: GatheredPart,
): number | null {
  for (const known of sources) {
    const { at } = known;
    if (at.kind !== 'entity' || !answered.has(known.request)) continue;
    const isTold = ({ key, source }: (typeof values)[number]) =>
      source === known || (source.at.kind === 'inline' && identity(at.list).has(key));
    if (values.every(isTold)) return at.slot;
  }
  return null;
}
