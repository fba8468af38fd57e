import { buildSchema, Kind, parse } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compileAssign } from '../../../gateway/execute/codegen/assign.ts';
import { compileGather, type EntityBatch } from '../../../gateway/execute/codegen/gather.ts';
import { projectionsOf } from '../../../gateway/execute/codegen/projections.ts';
import { compileSource, literal, literalKey, readKey, writeKey } from '../../../gateway/execute/codegen/source.ts';
import { copyValue, mergeInto } from '../../../gateway/execute/merge.ts';
import type { JsonRecord } from '../../../gateway/execute/record.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';

/** Names that mean something to JavaScript, and texts that would end a literal. */
const HOSTILE = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '"];globalThis.polluted=1;["',
  '`$\u007bglobalThis.polluted=1}`',
  '\\',
  "'+(globalThis.polluted=1)+'",
  '\u2028globalThis.polluted=1',
  '*/globalThis.polluted=1/*',
];
const parsed = (key: string, value: unknown) => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`);

afterEach(() => {
  expect((globalThis as unknown as JsonRecord)['polluted']).toBeUndefined();
  expect(({} as JsonRecord)['polluted']).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe('generated code', () => {
  it.each(HOSTILE)('holds %j as a text', (text) => {
    expect(compileSource(literal(text))).toBe(text);
  });

  it.each(HOSTILE)('reads only own keys named %j', (key) => {
    const read = compileSource<(o: unknown) => unknown>(`(o) => ${readKey('o', key)}`);
    expect(read({})).toBeUndefined();
    expect(read(parsed(key, { polluted: 1 }))).toEqual({ polluted: 1 });
  });

  it.each(HOSTILE)('writes %j as an own key', (key) => {
    const write = compileSource<(o: JsonRecord, v: unknown) => void>(`(o, v) => { ${writeKey('o', key, 'v')} }`);
    const target: JsonRecord = {};
    write(target, { polluted: 1 });
    expect(Object.entries(target)).toEqual([[key, { polluted: 1 }]]);
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
  });

  it.each(HOSTILE)('makes literals with %j as a key', (key) => {
    const made = compileSource<JsonRecord>(`({ ${literalKey(key)}: 1 })`);
    expect(Object.entries(made)).toEqual([[key, 1]]);
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it.each(HOSTILE)('represents entities by values and types like %j', (text) => {
    const schema = buildSchema('type Query { a: Int } type T { id: ID }');
    const requires = [
      {
        kind: 'InlineFragment' as const,
        typeCondition: 'T',
        selections: ['__typename', 'id'].map((name) => ({ kind: 'Field' as const, name })),
      },
    ];
    const projections = projectionsOf(schema, requires, []);
    expect(projections).toEqual([{ typename: 'T', sent: 'T', fields: ['id'] }]);
    const batch: EntityBatch = {
      texts: [],
      targets: [],
      members: [],
      ends: [],
      known: [new Map(), new Map()],
      recent: [],
    };
    const strange: JsonRecord[] = [];
    const slowly = (target: JsonRecord) => strange.push(target) - 100;
    const root = { list: [{ __typename: 'T', id: text }, parsed('__typename', text), { __typename: 'T', id: text }] };
    compileGather(projections, ['list', '@'])(root, batch, slowly);
    expect(batch.texts.map((json) => JSON.parse(json))).toEqual([{ __typename: 'T', id: text }]);
    expect(batch.members).toEqual([0, 0]);
    expect(strange).toEqual([root.list[1]]);
  });
});

describe('merging', () => {
  it.each(HOSTILE)('keeps %j in a response what it is', (key) => {
    const target: JsonRecord = {};
    mergeInto(target, parsed(key, { polluted: 1 }));
    mergeInto(target, parsed(key, { more: 2 }));
    expect(Object.entries(target)).toEqual([[key, { polluted: 1, more: 2 }]]);
    expect(copyValue(target)).toEqual(target);
  });

  it('of what was selected leaves out everything else', () => {
    const [definition] = parse('{ a b { c } }').definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    const target: JsonRecord = { b: { d: 1 } };
    const source = JSON.parse('{"a":1,"b":{"c":2},"x":3,"__proto__":{"polluted":1}}');
    compileAssign(definition.selectionSet, new Map())(target, source, false);
    expect(target).toEqual({ a: 1, b: { d: 1, c: 2 } });
  });
});

describe('an operation', () => {
  let ours: EngineUnderTest;
  beforeAll(async () => {
    ours = await openEngine([
      {
        name: 'a',
        sdl: `type Query { item: Item items: [Item] }
          type Item @key(fields: "id") { id: ID! constructor: String toString: String level: Level json: JSON }
          enum Level { LOW toString } scalar JSON`,
        resolvers: { Query: { item: () => ({ id: '1', constructor: 'c', toString: 't', level: 'LOW' }) } },
      },
      {
        name: 'b',
        sdl: 'type Query { n: Int } type Item @key(fields: "id") { id: ID! valueOf: Int hasOwnProperty: Sub } type Sub { constructor: Int }',
        resolvers: {
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            valueOf: () => 5,
            hasOwnProperty: () => ({ constructor: 6 }),
          },
        },
      },
    ]);
  });
  afterAll(() => ours.engine.close());

  it('may ask for fields with the names of inherited ones', async () => {
    const query = '{ item { constructor toString valueOf hasOwnProperty { constructor } } }';
    expect(await ours.run({ query })).toEqual({
      data: { item: { constructor: 'c', toString: 't', valueOf: 5, hasOwnProperty: { constructor: 6 } } },
    });
  });

  it('answers null where only a prototype would have a value', async () => {
    ours.graph.intercept(({ subgraph }) =>
      subgraph === 'a' ? { data: { item: { __typename: 'Item', id: '1' } } } : undefined,
    );
    expect(await ours.run({ query: '{ item { constructor toString valueOf } }' })).toEqual({
      data: { item: { constructor: null, toString: null, valueOf: 5 } },
    });
    ours.graph.intercept(() => undefined);
  });

  it('may use such names as aliases', async () => {
    const { data } = await ours.run({
      query: '{ __proto__: item { valueOf: id __proto__: constructor constructor: valueOf } }',
    });
    const text = '{"__proto__":{"valueOf":"1","__proto__":"c","constructor":5}}';
    expect(data).toEqual(JSON.parse(text));
    expect(JSON.stringify(data)).toBe(text);
  });

  it('is told of types and enum values that are only inherited names', async () => {
    ours.graph.intercept(({ subgraph }) =>
      subgraph === 'a'
        ? JSON.parse(
            '{"data":{"item":{"__typename":"__proto__","id":"1","level":"constructor","json":{"__proto__":{"polluted":1}}}}}',
          )
        : undefined,
    );
    const { data, errors } = await ours.run({ query: '{ item { level json valueOf } }' });
    expect(JSON.stringify(data)).toBe('{"item":{"level":null,"json":{"__proto__":{"polluted":1}},"valueOf":null}}');
    expect(errors?.map(({ path }) => path)).toEqual([['item', 'level']]);
    ours.graph.intercept(() => undefined);
  });
});
