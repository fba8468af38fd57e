import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differenceOf, type PlainAnswer } from './compare.ts';
import { faultsOfOutage, NO_FAULTS } from './faults.ts';
import { type OpenWorld, openWorld } from './open-world.ts';
import type { Fault, Faults } from './values.ts';
import type { FieldModel, World } from './world.ts';

const field = (name: string, type: string, owner: string): FieldModel => ({ name, type, args: [], owners: [owner] });

/** `seed` decides the data, which `HEALTHY` writes out. */
const WORLD: World = {
  seed: 8,
  subgraphs: ['left', 'middle', 'right'],
  roots: [
    field('one', 'User', 'left'),
    field('must', 'User!', 'left'),
    field('list', '[User]', 'middle'),
    field('strict', '[User!]', 'middle'),
    field('grid', '[[User!]!]', 'right'),
  ],
  entities: [
    {
      name: 'User',
      key: 'simple',
      homes: { left: ['id'], middle: ['id'], right: ['id'] },
      fields: [
        field('soft', 'Boolean', 'left'),
        field('hard', 'Boolean!', 'middle'),
        field('tags', '[Boolean!]', 'right'),
        field('friend', 'User', 'right'),
        field('boss', 'User!', 'middle'),
        field('home', 'Home!', 'left'),
      ],
    },
  ],
  values: [
    {
      name: 'Home',
      fields: [
        { ...field('rooms', 'Boolean!', ''), owners: [] },
        { ...field('keeper', 'User', ''), owners: [] },
      ],
    },
  ],
  abstracts: [],
};
const HEALTHY = {
  one: {
    id: 'User:2',
    soft: true,
    hard: true,
    tags: [true, false],
    friend: { id: 'User:1', hard: true },
    boss: { id: 'User:2' },
    home: { rooms: false, keeper: { id: 'User:0', hard: false } },
  },
  must: { id: 'User:0' },
  list: [{ id: 'User:0' }, { id: 'User:2' }, { id: 'User:1' }],
  strict: [{ id: 'User:1' }, { id: 'User:0' }],
  grid: [[{ id: 'User:2' }], [{ id: 'User:2' }, { id: 'User:2' }, { id: 'User:1' }]],
};
const EVERYTHING = `{ one { id soft hard tags friend { id hard } boss { id } home { rooms keeper { id hard } } }
  must { id } list { id } strict { id } grid { id } }`;

interface FaultedCase {
  readonly title: string;
  readonly query: string;
  /** The field that fails, of which object (all without), and how; or the subgraph that is down. */
  readonly fails: readonly [field: string, at: string | null, fault: Fault] | string;
  readonly data: unknown;
  readonly errors: readonly string[];
}

const CASES: readonly FaultedCase[] = [
  {
    title: 'a nullable field',
    query: '{ one { id soft } }',
    fails: ['User.soft', 'User:2', 'throws'],
    data: { one: { id: 'User:2', soft: null } },
    errors: ['one.soft'],
  },
  {
    title: 'a non-null field of a nullable object',
    query: '{ one { hard } }',
    fails: ['User.hard', 'User:2', 'throws'],
    data: { one: null },
    errors: ['one.hard'],
  },
  {
    title: 'a null in a non-null field',
    query: '{ one { id hard } }',
    fails: ['User.hard', 'User:2', 'null'],
    data: { one: null },
    errors: ['one.hard'],
  },
  {
    title: 'a non-null field of a non-null root',
    query: '{ must { hard } one { id } }',
    fails: ['User.hard', 'User:0', 'throws'],
    data: null,
    errors: ['must.hard'],
  },
  {
    title: 'one item of a list',
    query: '{ list { id hard } }',
    fails: ['User.hard', 'User:2', 'throws'],
    data: { list: [{ id: 'User:0', hard: false }, null, { id: 'User:1', hard: true }] },
    errors: ['list.1.hard'],
  },
  {
    title: 'one item of a strict list',
    query: '{ strict { hard } must { id } }',
    fails: ['User.hard', 'User:0', 'throws'],
    data: { strict: null, must: { id: 'User:0' } },
    errors: ['strict.1.hard'],
  },
  {
    title: 'one item of a list of lists',
    query: '{ grid { hard } }',
    fails: ['User.hard', 'User:1', 'null'],
    data: { grid: null },
    errors: ['grid.1.2.hard'],
  },
  {
    title: 'a null item that may not be',
    query: '{ one { id tags } }',
    fails: ['User.tags', 'User:2', 'hole'],
    data: { one: { id: 'User:2', tags: null } },
    errors: ['one.tags.1'],
  },
  {
    title: 'a whole list',
    query: '{ one { id tags } }',
    fails: ['User.tags', null, 'throws'],
    data: { one: { id: 'User:2', tags: null } },
    errors: ['one.tags'],
  },
  {
    title: 'a reference',
    query: '{ one { friend { id } id } }',
    fails: ['User.friend', null, 'throws'],
    data: { one: { friend: null, id: 'User:2' } },
    errors: ['one.friend'],
  },
  {
    title: 'a field behind a reference',
    query: '{ one { friend { hard } id } }',
    fails: ['User.hard', 'User:1', 'throws'],
    data: { one: { friend: null, id: 'User:2' } },
    errors: ['one.friend.hard'],
  },
  {
    title: 'a null in a non-null reference',
    query: '{ one { id boss { id } } must { id } }',
    fails: ['User.boss', 'User:2', 'null'],
    data: { one: null, must: { id: 'User:0' } },
    errors: ['one.boss'],
  },
  {
    title: 'a field of a value type',
    query: '{ one { id home { rooms } } }',
    fails: ['Home.rooms', null, 'throws'],
    data: { one: null },
    errors: ['one.home.rooms'],
  },
  {
    title: 'a field behind a value type',
    query: '{ one { home { rooms keeper { hard } } } }',
    fails: ['User.hard', 'User:0', 'throws'],
    data: { one: { home: { rooms: false, keeper: null } } },
    errors: ['one.home.keeper.hard'],
  },
  {
    title: 'a root field',
    query: '{ list { id } one { id } }',
    fails: ['Query.list', null, 'throws'],
    data: { list: null, one: { id: 'User:2' } },
    errors: ['list'],
  },
  {
    title: 'a non-null root field',
    query: '{ one { id } must { id } }',
    fails: ['Query.must', null, 'throws'],
    data: null,
    errors: ['must'],
  },
  {
    title: 'a null item that may be',
    query: '{ list { id } }',
    fails: ['Query.list', null, 'hole'],
    data: { list: [{ id: 'User:0' }, { id: 'User:2' }, null] },
    errors: [],
  },
  {
    title: 'a null item of a strict root list',
    query: '{ strict { id } }',
    fails: ['Query.strict', null, 'hole'],
    data: { strict: null },
    errors: ['strict.1'],
  },
  {
    title: 'the same field twice deep',
    query: '{ one { soft boss { boss { soft id } } } }',
    fails: ['User.soft', 'User:2', 'throws'],
    data: { one: { soft: null, boss: { boss: { soft: null, id: 'User:2' } } } },
    errors: ['one.soft', 'one.boss.boss.soft'],
  },
  {
    title: 'the same field under two aliases',
    query: '{ a: one { x: soft } b: one { y: soft id } }',
    fails: ['User.soft', null, 'throws'],
    data: { a: { x: null }, b: { y: null, id: 'User:2' } },
    errors: ['a.x', 'b.y'],
  },
  {
    title: 'the subgraph of references',
    query: '{ one { id soft friend { id } } grid { id } }',
    fails: 'right',
    data: { one: { id: 'User:2', soft: true, friend: null }, grid: null },
    errors: ['one.friend', 'grid'],
  },
  {
    title: 'the subgraph of a non-null field',
    query: '{ one { id hard } list { id } }',
    fails: 'middle',
    data: { one: null, list: null },
    errors: ['one.hard', 'list'],
  },
  {
    title: 'the subgraph of a field of each item',
    query: '{ one { id } list { id soft } }',
    fails: 'left',
    data: {
      one: null,
      list: [
        { id: 'User:0', soft: null },
        { id: 'User:2', soft: null },
        { id: 'User:1', soft: null },
      ],
    },
    errors: ['one', 'list.0.soft', 'list.1.soft', 'list.2.soft'],
  },
];

let opened: OpenWorld;
beforeAll(async () => {
  const result = await openWorld(WORLD);
  if (typeof result === 'string') throw new Error(result);
  opened = result;
});
afterAll(() => opened.engine.close());

function wrongsOf({ fails }: FaultedCase): { down?: string; faults: Faults; whole: Faults } {
  if (typeof fails === 'string') return { down: fails, faults: NO_FAULTS, whole: faultsOfOutage(WORLD, fails) };
  const [name, at, fault] = fails;
  const faults: Faults = (type, of, where) =>
    name === `${type}.${of}` && (at === null || at === where) ? fault : null;
  return { faults, whole: faults };
}

function byHand({ data, errors }: FaultedCase): PlainAnswer {
  const list = errors.map((path) => ({ path: path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)) }));
  return list.length > 0 ? { data, errors: list } : { data };
}

describe('the oracle', () => {
  it('knows the data', async () => {
    const { data } = await opened.whole.run({ query: EVERYTHING, variables: {}, faults: NO_FAULTS });
    expect(JSON.parse(JSON.stringify(data))).toEqual(HEALTHY);
  });

  it.each(CASES)('answers as a person does when it fails: $title', async (given) => {
    const { whole } = wrongsOf(given);
    const answer = await opened.whole.run({ query: given.query, variables: {}, faults: whole });
    expect(differenceOf(byHand(given), JSON.parse(JSON.stringify(answer)))).toBeNull();
  });

  it.each(CASES)('and so do both tiers of the engine: $title', async (given) => {
    const { whole: _, ...wrong } = wrongsOf(given);
    const { exact, fast } = await opened.run({ query: given.query, variables: {}, ...wrong });
    expect(differenceOf(byHand(given), JSON.parse(exact))).toBeNull();
    expect(fast).toBe(exact);
  });

  it.each(CASES)('notices what is only nearly that: $title', (given) => {
    const answer = byHand(given);
    const { data, errors = [] } = answer;
    const nearly: PlainAnswer[] = [
      { data: data === null ? {} : null, errors },
      { data: { ...(data as object), more: 1 }, errors },
      // Without any data all errors are at one place: the root.
      ...(data === null ? [] : [{ data, errors: [...errors, { path: ['elsewhere'] }] }]),
      { data: reordered(data), errors },
      ...errors.map((_, index) => ({ data, errors: errors.filter((__, other) => other !== index) })),
    ];
    for (const wrong of nearly) {
      if (JSON.stringify(wrong) === JSON.stringify({ data, errors })) continue;
      expect(differenceOf(answer, wrong), JSON.stringify(wrong)).not.toBeNull();
    }
  });
});

function reordered(data: unknown): unknown {
  return data === null ? null : Object.fromEntries(Object.entries(data as object).reverse());
}
