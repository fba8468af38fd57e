import { type AbstractModel, type FieldModel, namedType, type World } from './world.ts';

/** An object of the data set: its type, and where it is (an entity's id, or the path by which a value was reached). */
export interface Located {
  readonly __typename: string;
  readonly at: string;
}

/** What is wrong with a place of the data set. */
export type Fault = 'throws' | 'null' | 'hole';

/** Which fields of which objects fail, and how. */
export type Faults = (type: string, field: string, at: string) => Fault | null;

const INSTANCES = 3;
const TEXTS = [
  'plain',
  '',
  'quo"te',
  'back\\slash',
  'line\nbreak',
  'ünïcode ✓',
  '😀',
  '\u2028',
  '</script>',
  '{"data":null}',
];
const JSONS: readonly unknown[] = [
  { a: 1, b: [true, null, { c: 'x' }] },
  [],
  'text',
  0,
  { __typename: 'Nobody', id: 'x', nested: { at: 1 } },
  [[1], [2, ['"']]],
  false,
  { constructor: 1, toString: null },
];

/** 32 bits of a text (FNV-1a, mixed once more). */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 13)) >>> 0;
}

/** The object behind a representation of any key. */
export function locate({ __typename, id, sku }: Readonly<Record<string, unknown>>): Located {
  const at = typeof id === 'string' ? id : String(sku).slice('sku-'.length);
  return { __typename: at.includes(':') ? (at.split(':')[0] as string) : String(__typename), at };
}

/** A field that is part of keys. */
export function keyValue(field: string, at: string): unknown {
  if (field === 'org') return { __typename: 'Org', at: `org-${at}`, id: `org-${at}` };
  return { id: at, sku: `sku-${at}`, code: `code of ${at}` }[field];
}

/**
 * What a field holds, decided by nothing but its type, its place, its arguments and what it requires; `home` is the subgraph
 * that answers. Throws where the faults say so.
 */
export function valueAt(
  { seed, abstracts, entities }: World,
  faults: Faults,
  asked: { field: FieldModel; on: Located; args: unknown; required: string; home: string },
): unknown {
  const { field, on, args, required, home } = asked;
  const fault = faults(on.__typename, field.name, on.at);
  if (fault === 'throws') throw new Error(`${on.__typename}.${field.name} fails.`);
  if (fault === 'null') return null;
  const entityNames = new Set(entities.map(({ name }) => name));
  const make = (type: string, path: string): unknown => {
    if (type.endsWith('!')) return makeThere(type.slice(0, -1), path);
    return hash(`${path}?`) % 8 === 0 ? null : makeThere(type, path);
  };
  const makeThere = (type: string, path: string): unknown => {
    if (!type.startsWith('[')) return makeNamed(type, path);
    const length = hash(`${path}#`) % 4;
    const items = Array.from({ length }, (_, index) => make(type.slice(1, -1), `${path}.${index}`));
    return fault === 'hole' && path === start
      ? items.map((item, index) => (index === length - 1 ? null : item))
      : items;
  };
  const makeNamed = (type: string, path: string): unknown => {
    const abstract = abstracts.find(({ name }) => name === type);
    const concrete = abstract ? memberOf(abstract, home, path) : type;
    if (entityNames.has(concrete)) return { __typename: concrete, at: `${concrete}:${hash(`${path}@`) % INSTANCES}` };
    return leaf(concrete, hash(`${path}=`)) ?? { __typename: concrete, at: path };
  };
  const start = `${seed}/${on.at}/${field.name}/${JSON.stringify(args)}/${required}`;
  return make(field.type, start);
}

function memberOf({ members }: AbstractModel, home: string, path: string): string {
  const list = members[home] ?? [];
  return list[hash(`${path}~`) % list.length] as string;
}

function leaf(type: string, number: number): unknown {
  switch (type) {
    case 'Int':
      return (number % 2001) - 1000;
    case 'Float':
      return number % 5 === 0 ? number * 1e20 : ((number % 4001) - 2000) / 8;
    case 'Boolean':
      return number % 2 === 0;
    case 'String':
      return number % 3 === 0 ? TEXTS[(number >>> 3) % TEXTS.length] : `text ${number % 97}`;
    case 'ID':
      return `${number % 9973}`;
    case 'Color':
      return ['RED', 'GREEN', 'BLUE'][number % 3];
    case 'Json':
      return JSONS[number % JSONS.length];
    default:
      return undefined;
  }
}

/** Every type that holds no objects. */
export const LEAVES = ['Int', 'String', 'Boolean', 'Float', 'ID', 'Color', 'Json'];

/** Whether a type text is about a leaf. */
export function isLeaf(type: string): boolean {
  return LEAVES.includes(namedType(type));
}
