import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const schema = buildSchema(read('schema/api.graphql'));
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const objects = types.filter(isObjectType);
const fieldsOf = (type: GraphQLObjectType) => Object.values(type.getFields());
const outputs = types
  .filter((type) => isObjectType(type) || isInterfaceType(type))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ type, field, at: `${type.name}.${field.name}` })),
  );

/** What is described: the named thing and where it stands. */
function partsOf(type: GraphQLNamedType): { at: string; description?: string | null | undefined }[] {
  const own = { at: type.name, description: type.description };
  if (isEnumType(type))
    return [own, ...type.getValues().map((value) => ({ at: `${type.name}.${value.name}`, ...value }))];
  if (!(isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))) return [own];
  const fields = Object.values(type.getFields()).flatMap((field) => [
    { at: `${type.name}.${field.name}`, description: field.description },
    ...('args' in field ? (field.args as readonly GraphQLArgument[]) : []).map((arg) => ({
      ...arg,
      at: `${type.name}.${field.name}(${arg.name})`,
    })),
  ]);
  return [own, ...fields];
}

it('describes every type, field, argument and value', () => {
  const parts = types.filter((type) => !isSpecifiedScalarType(type)).flatMap(partsOf);
  expect(parts.filter(({ description }) => !description?.trim()).map(({ at }) => at)).toEqual([]);
});

describe('a list', () => {
  const isEntity = (type: GraphQLNamedType) =>
    (isObjectType(type) || isInterfaceType(type)) && 'id' in type.getFields();
  const isList = (text: string) => text.startsWith('[');
  const connections = objects.filter(({ name }) => name.endsWith('Connection'));

  it('of records is a connection', () => {
    const bare = outputs.filter(
      ({ type, field, at }) =>
        isList(String(field.type)) &&
        isEntity(getNamedType(field.type)) &&
        !connections.includes(type as never) &&
        at !== 'Query.nodes',
    );
    expect(bare.map(({ at }) => at)).toEqual([]);
  });

  it.each(connections.map((type) => [type.name, type] as const))(
    '%s has edges, nodes, pageInfo and totalCount',
    (name, type) => {
      const noun = name.replace(/Connection$/, '');
      const shape = Object.fromEntries(fieldsOf(type).map((field) => [field.name, String(field.type)]));
      const wanted = { edges: `[${noun}Edge!]!`, nodes: `[${noun}!]!`, pageInfo: 'PageInfo!', totalCount: 'Int' };
      expect(shape).toEqual(wanted);
      const edge = schema.getType(`${noun}Edge`) as GraphQLObjectType;
      expect(fieldsOf(edge).map((field) => `${field.name}: ${field.type}`)).toEqual([
        'cursor: String!',
        `node: ${noun}!`,
      ]);
    },
  );

  const paged = outputs.filter(({ field }) => connections.includes(getNamedType(field.type) as never));
  it.each(paged.map(({ at, field }) => [at, field] as const))(
    '%s pages by first, 20 unless said, and after',
    (_at, field) => {
      const arg = (name: string) => field.args.find((one) => one.name === name);
      expect([String(arg('first')?.type), arg('first')?.defaultValue, String(arg('after')?.type)]).toEqual([
        'Int',
        20,
        'String',
      ]);
    },
  );
});

describe.each(fieldsOf(schema.getMutationType() as GraphQLObjectType).map((field) => [field.name, field] as const))(
  'the mutation %s',
  (name, { args, type }) => {
    const pascal = name.charAt(0).toUpperCase() + name.slice(1);
    const input = schema.getType(`${pascal}Input`);
    const payload = schema.getType(`${pascal}Payload`);
    const inputs: Record<string, string> = isInputObjectType(input)
      ? Object.fromEntries(Object.values(input.getFields()).map((field) => [field.name, String(field.type)]))
      : {};

    it('names its noun first, then one verb', () => {
      const nouns = objects.map((one) => one.name).filter((noun) => pascal.startsWith(noun));
      expect(
        nouns.map((noun) => pascal.slice(noun.length)).filter((verb) => /^[A-Z][a-z]+([A-Z][a-z]+)?$/.test(verb)),
      ).not.toEqual([]);
    });

    it('takes one input and answers one payload', () => {
      expect(args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual([`input: ${pascal}Input!`]);
      expect(String(type)).toBe(`${pascal}Payload!`);
    });

    it('takes an idempotency key, and the version of what it changes', () => {
      expect(inputs['idempotencyKey']).toBe('String');
      if (inputs['id']) expect(inputs['ifVersion']).toBe('Int');
    });

    it('answers user errors beside what may be null', () => {
      const { userErrors, ...rest } = Object.fromEntries(
        isObjectType(payload) ? fieldsOf(payload).map((field) => [field.name, String(field.type)]) : [],
      );
      expect(userErrors).toBe('[UserError!]!');
      expect(Object.values(rest).filter((one) => one.endsWith('!'))).toEqual([]);
    });
  },
);

it('gives user errors a code and a message for certain, and a path', () => {
  const shape = fieldsOf(schema.getType('UserError') as GraphQLObjectType).map(
    (field) => `${field.name}: ${field.type}`,
  );
  expect(shape).toEqual(['code: String!', 'message: String!', 'path: [String!]']);
});

describe('the subgraphs', () => {
  const { subgraphs } = parseYaml(read('supergraph.yaml')) as {
    subgraphs: Record<string, { schema: { file: string } }>;
  };
  const shared = new Set(namesIn(read('subgraphs/kit/common.graphql') + read('subgraphs/kit/events.graphql')));
  const own = Object.entries(subgraphs).map(
    ([
      name,
      {
        schema: { file },
      },
    ]) => {
      const names = namesIn(read(file)).filter(
        (type) => !shared.has(type) && !['Query', 'Mutation', 'Subscription', 'Node'].includes(type),
      );
      return [name, names] as const;
    },
  );

  function namesIn(sdl: string): string[] {
    return parse(sdl).definitions.flatMap((definition) =>
      'name' in definition && definition.name && definition.kind !== Kind.DIRECTIVE_DEFINITION
        ? [definition.name.value]
        : [],
    );
  }

  it('of vendors carry the vendor’s name in every type of their own', () => {
    const crm = new Set(own.find(([name]) => name === 'crm')?.[1]);
    const vendors = own.filter(([name]) => !['crm', 'node'].includes(name));
    const bare = vendors.flatMap(([name, names]) =>
      names.filter((type) => !crm.has(type) && !type.toLowerCase().startsWith(name.replaceAll('-', ''))),
    );
    expect(bare).toEqual([]);
  });

  it('define no input and no enum twice: those would be merged in silence', () => {
    const plain = own.flatMap(([, names]) =>
      names.filter((name) => isEnumType(schema.getType(name)) || isInputObjectType(schema.getType(name))),
    );
    expect(plain.filter((name, index) => plain.indexOf(name) !== index)).toEqual([]);
  });
});
