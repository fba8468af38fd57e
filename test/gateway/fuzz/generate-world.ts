import { type Choices, createChoices } from './choices.ts';
import { isLeaf, LEAVES } from './values.ts';
import {
  type AbstractModel,
  type ArgumentModel,
  type EntityModel,
  type FieldModel,
  KEYS,
  type KeyKind,
  keyFieldsOf,
  namedType,
  type ValueModel,
  type World,
} from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<FieldModel>;

/** What a world may contain. */
export interface WorldProfile {
  /** Every field has one owner and every entity one key that all understand, so that it is known who fails with a subgraph. */
  readonly plainOwners: boolean;
}

const WRAPPERS = ['T', 'T!', '[T]', '[T!]', '[T!]!', '[T]!', '[[T]]', '[[T!]!]!', '[[T]!]'];

/** A random graph and split, read from `numbers`. Most of them compose. */
export function generateWorld(numbers: readonly number[], { plainOwners }: WorldProfile): World {
  const choices = createChoices(numbers);
  const seed = choices.pick(100_000);
  const subgraphs = ['alpha', 'beta', 'gamma', 'delta'].slice(0, 2 + choices.pick(3));
  const types = { entities: 2 + choices.pick(3), values: choices.pick(3) };
  const bare = Array.from({ length: types.entities }, (_, index) => bareEntity(choices, index, subgraphs, plainOwners));
  const values = Array.from({ length: types.values }, (_, index) => valueType(choices, index, bare));
  const draft = draftAbstracts(choices, subgraphs, bare, values);
  const writer = createFieldWriter(choices, { subgraphs, entities: bare, values, draft, plainOwners });
  const entities: EntityModel[] = bare.map((entity) => ({ ...entity, fields: writer.entityFields(entity) }));
  const hybrid = draft.hybrid ? writer.hybrid() : null;
  if (hybrid) entities.push(...hybrid.entities);
  const roots = writer.roots();
  addRequirements(choices, entities);
  if (!plainOwners) addProvisions(choices, entities, [...roots, ...entities.flatMap(({ fields }) => fields)]);
  const abstracts: AbstractModel[] = draft.list.filter(({ members }) => Object.keys(members).length > 0);
  if (hybrid) abstracts.push(hybrid.abstract);
  return { seed, subgraphs, roots, entities, values, abstracts };
}

function bareEntity(choices: Choices, index: number, subgraphs: readonly string[], plain: boolean): EntityModel {
  const kinds: KeyKind[] = plain ? ['simple', 'compound', 'nested'] : ['simple', 'compound', 'nested', 'several'];
  const key = choices.chance(40) ? choices.oneOf(kinds) : 'simple';
  const homes: Record<string, readonly string[]> = {};
  for (const [position, home] of choices.someOf(subgraphs, 65).entries())
    homes[home] = key === 'several' && position > 0 ? choices.oneOf([KEYS.several, ['id'], ['sku']]) : KEYS[key];
  return { name: `E${index}`, key, homes, fields: [] };
}

function valueType(choices: Choices, index: number, entities: readonly EntityModel[]): ValueModel {
  const length = 1 + choices.pick(3);
  const fields = Array.from({ length }, (_, position) => {
    const reference = position > 0 && choices.chance(25);
    const type = reference ? choices.oneOf(entities).name : choices.oneOf(LEAVES);
    return { name: `v${index}f${position}`, type: wrap(choices, type), args: [], owners: [] };
  });
  return { name: `V${index}`, fields };
}

interface AbstractDraft {
  readonly list: (Mutable<AbstractModel> & { members: Record<string, readonly string[]>; candidates: string[] })[];
  /** Fields that implementers have under one name and type. */
  readonly common: readonly { readonly of: string; readonly field: FieldModel }[];
  /** The interface that one subgraph sees as an object. */
  readonly hybrid: { readonly owner: string; readonly viewer: string } | null;
}

function draftAbstracts(
  choices: Choices,
  subgraphs: readonly string[],
  entities: readonly EntityModel[],
  values: readonly ValueModel[],
): AbstractDraft {
  const list: AbstractDraft['list'] = [];
  const common: { of: string; field: FieldModel }[] = [];
  const eligible = entities.filter(({ key }) => key !== 'several').map(({ name }) => name);
  if (eligible.length > 0 && choices.chance(60)) {
    const candidates = choices.someOf(eligible, 70);
    const names = ['n0', 'n1'].slice(0, choices.pick(3));
    for (const name of names) {
      const field = { name, type: wrap(choices, choices.oneOf(LEAVES)), args: randomArguments(choices), owners: [] };
      for (const of of candidates) common.push({ of, field });
    }
    list.push({ name: 'Node', kind: 'interface', members: {}, fields: names, candidates });
  }
  if (choices.chance(55)) {
    const candidates = choices.someOf(
      [...entities, ...values].map(({ name }) => name),
      60,
    );
    list.push({ name: 'Any', kind: 'union', members: {}, fields: [], candidates });
  }
  const [owner, viewer] = choices.chance(50) ? subgraphs : [...subgraphs].reverse();
  return { list, common, hybrid: owner && viewer && choices.chance(35) ? { owner, viewer } : null };
}

interface Surroundings {
  readonly subgraphs: readonly string[];
  readonly entities: readonly EntityModel[];
  readonly values: readonly ValueModel[];
  readonly draft: AbstractDraft;
  readonly plainOwners: boolean;
}

function createFieldWriter(choices: Choices, { subgraphs, entities, values, draft, plainOwners }: Surroundings) {
  /** A type that all of `owners` can return. */
  const randomType = (owners: readonly string[], composite: number): string => {
    if (!choices.chance(composite)) return wrap(choices, choices.oneOf(LEAVES));
    const [owner, ...others] = owners as [string, ...string[]];
    const objects = [...entities, ...values].map(({ name }) => name);
    if (others.length > 0) return wrap(choices, choices.oneOf(objects));
    const { hybrid } = draft;
    const hybrids = hybrid?.owner === owner ? ['Thing', 'T0', 'T1'] : hybrid?.viewer === owner ? ['Thing'] : [];
    const name = choices.oneOf([...objects, ...draft.list.map((abstract) => abstract.name), ...hybrids]);
    const abstract = draft.list.find((candidate) => candidate.name === name);
    if (abstract) abstract.members[owner] ??= choices.someOf(abstract.candidates, 60);
    return wrap(choices, name);
  };
  const randomOwners = (homes: readonly string[]): Pick<Draft, 'owners' | 'from'> => {
    const owner = choices.oneOf(homes);
    const other = homes[(homes.indexOf(owner) + 1) % homes.length] as string;
    if (other === owner || plainOwners) return { owners: [owner] };
    if (choices.chance(15)) return { owners: [owner, other] };
    return choices.chance(12) ? { owners: [owner], from: other } : { owners: [owner] };
  };
  const randomField = (name: string, homes: readonly string[], composite: number): FieldModel => {
    const { owners, from } = randomOwners(homes);
    const type = randomType(owners, composite);
    // An abstract type is known to its owner only.
    const moved = from && isShareable(type, [...entities, ...values]) ? { from } : {};
    return { name, type, args: randomArguments(choices), owners, ...moved };
  };
  return {
    entityFields({ name, homes }: EntityModel): FieldModel[] {
      const places = Object.keys(homes);
      const common = draft.common.filter(({ of }) => of === name);
      const length = 2 + choices.pick(4);
      const prefix = name.toLowerCase();
      return [
        ...common.map(({ field }) => ({ ...field, ...randomOwners(places) })),
        ...Array.from({ length }, (_, index) => randomField(`${prefix}f${index}`, places, 40)),
      ];
    },
    roots: (): FieldModel[] =>
      Array.from({ length: 2 + choices.pick(4) }, (_, index) => randomField(`r${index}`, subgraphs, 90)),
    /** An interface with a key, its two types in one subgraph, and a subgraph that adds fields to all of them at once. */
    hybrid() {
      const { owner, viewer } = draft.hybrid as { owner: string; viewer: string };
      const own = { name: 'h0', type: wrap(choices, choices.oneOf(LEAVES)), args: [], owners: [owner] };
      const added = ['h1', 'h2'].map((name) => ({
        name,
        type: randomType([viewer], 30),
        args: randomArguments(choices),
        owners: [viewer],
      }));
      const ofHybrid = (name: string): EntityModel => ({
        name,
        key: 'simple',
        homes: { [owner]: ['id'] },
        fields: [
          own,
          { name: `${name.toLowerCase()}f`, type: randomType([owner], 30), args: [], owners: [owner] },
          ...added,
        ],
      });
      const members = { [owner]: ['T0', 'T1'], [viewer]: ['T0', 'T1'] };
      const asObject = { home: owner, object: viewer, fields: added };
      const abstract: AbstractModel = { name: 'Thing', kind: 'interface', members, fields: ['h0'], asObject };
      return { entities: [ofHybrid('T0'), ofHybrid('T1')], abstract };
    },
  };
}

function isShareable(type: string, objects: readonly { readonly name: string }[]): boolean {
  return isLeaf(type) || objects.some(({ name }) => name === namedType(type));
}

/**
 * Lets fields be computed from fields of other subgraphs; only from earlier ones, so that there is no circle. Requirements may
 * go to and fro between two subgraphs.
 */
function addRequirements(choices: Choices, entities: EntityModel[]): void {
  for (const { fields } of entities)
    for (const [index, field] of (fields as Draft[]).entries()) {
      const [owner] = field.owners as [string];
      if (field.owners.length > 1 || field.from || field.name.startsWith('h') || !choices.chance(50)) continue;
      const inputs = fields
        .slice(0, index)
        .filter(({ owners, args, type }) => !owners.includes(owner) && args.length === 0 && isLeaf(type))
        .filter((input) => input.from !== owner);
      if (inputs.length === 0) continue;
      field.requires = Object.fromEntries(choices.someOf(inputs, 40).map(({ name }) => [name, []]));
    }
}

/** Lets fields that return an entity know some of its leaves. */
function addProvisions(choices: Choices, entities: readonly EntityModel[], fields: readonly FieldModel[]): void {
  for (const field of fields as Draft[]) {
    const [owner] = field.owners;
    const entity = entities.find(({ name }) => name === namedType(field.type));
    if (!entity || !owner || field.owners.length > 1 || !choices.chance(30)) continue;
    const known = entity.fields.filter(
      ({ type, owners, from, requires, args }) =>
        isLeaf(type) && !owners.includes(owner) && !from && !requires && args.length === 0,
    );
    if (known.length > 0 && !entity.name.startsWith('T'))
      field.provides = choices.someOf(known, 40).map(({ name }) => name);
  }
}

function randomArguments(choices: Choices): ArgumentModel[] {
  if (!choices.chance(25)) return [];
  const kinds: Omit<ArgumentModel, 'name'>[] = [
    { type: 'Int' },
    { type: 'Int!', fallback: '7' },
    { type: 'String!' },
    { type: 'Color', fallback: 'GREEN' },
    { type: '[Int!]' },
    { type: 'Filter' },
    { type: 'Filter!', fallback: '{ b: ["x"] }' },
    { type: '[[Color]]' },
    { type: 'ID' },
    { type: 'Json' },
  ];
  return ['x', 'y'].slice(0, 1 + choices.pick(2)).map((name) => ({ name, ...choices.oneOf(kinds) }));
}

function wrap(choices: Choices, type: string): string {
  return choices.oneOf(WRAPPERS).replace('T', type);
}

/** Names of fields that no fault may touch: their failure is another failure in a split graph than in a whole one. */
export function inputFieldsOf({ entities }: World): Set<string> {
  const keys = entities.flatMap(({ name, key }) => keyFieldsOf(KEYS[key]).map((field) => `${name}.${field}`));
  const required = entities.flatMap(({ name, fields }) =>
    fields.flatMap(({ requires }) => Object.keys(requires ?? {}).map((field) => `${name}.${field}`)),
  );
  return new Set([...keys, ...required]);
}
