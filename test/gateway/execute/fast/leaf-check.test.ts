import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { toCompact, withoutSpaces } from '../../../../gateway/execute/fast/compact-reply.ts';
import { leafCheckOf } from '../../../../gateway/execute/fast/leaf-check.ts';

const Size = new GraphQLEnumType({ name: 'Size', values: { SMALL: {}, LARGE: {} } });
const Json = new GraphQLScalarType({ name: 'Json' });
const text = (type: typeof GraphQLString) => new GraphQLNonNull(type);

function endOf(type: Parameters<typeof leafCheckOf>[0], json: string): number {
  const reply = toCompact(Buffer.from(json, 'utf8'));
  return reply ? leafCheckOf(type)(reply, 0) : -2;
}

describe('a leaf that is copied as it stands', () => {
  it.each([
    { type: GraphQLString, json: '"a \\"quoted\\" \\n é 🙂"' },
    { type: GraphQLID, json: '"1"' },
    { type: GraphQLString, json: 'null' },
    { type: GraphQLInt, json: '-2147483648' },
    { type: GraphQLFloat, json: '1e+21' },
    { type: GraphQLFloat, json: '-0.5' },
    { type: GraphQLBoolean, json: 'false' },
    { type: Size, json: '"LARGE"' },
    { type: Json, json: '{"b":[1,{"a":"x"}]}' },
    { type: new GraphQLList(new GraphQLList(GraphQLInt)), json: '[[1,null],[],null]' },
    { type: null, json: '12' },
  ])('ends where its JSON ends: $json as $type', ({ type, json }) => {
    expect(endOf(type, json)).toBe(Buffer.byteLength(json));
  });

  it.each([
    { type: GraphQLString, json: '"\\u0041"', why: 'would be written A' },
    { type: GraphQLString, json: '"\\/"', why: 'would be written without the backslash' },
    { type: GraphQLString, json: '"open', why: 'is no JSON' },
    { type: GraphQLString, json: '1', why: 'would become a string' },
    { type: text(GraphQLString), json: 'null', why: 'may not be null' },
    { type: GraphQLInt, json: '2147483648', why: 'is out of range' },
    { type: GraphQLInt, json: '1.0', why: 'would be written 1' },
    { type: GraphQLInt, json: '-0', why: 'would be written 0' },
    { type: GraphQLInt, json: '01', why: 'is no JSON' },
    { type: GraphQLFloat, json: '1.50', why: 'would be written 1.5' },
    { type: GraphQLFloat, json: '1e400', why: 'is infinite' },
    { type: GraphQLBoolean, json: '1', why: 'would become true' },
    { type: Size, json: '"SECRET"', why: 'is not known to clients' },
    { type: Json, json: '{"2":1,"1":2}', why: 'would be sorted' },
    { type: Json, json: '{"a":1,"a":2}', why: 'would lose a key' },
    { type: new GraphQLNonNull(Json), json: 'null', why: 'may not be null' },
    { type: new GraphQLList(new GraphQLNonNull(GraphQLInt)), json: '[null]', why: 'may not be null' },
  ])('is left to the exact tier: $json $why', ({ type, json }) => {
    expect(endOf(type, json)).toBe(-1);
  });
});

describe('a reply without spaces', () => {
  it.each([
    { json: '{ "a" : [ 1 , "b c" ] }\n', compact: '{"a":[1,"b c"]}' },
    { json: '{\r\n\t"é\\"": "\\\\" }', compact: '{"é\\"":"\\\\"}' },
  ])('keeps what is in strings: $json', ({ json, compact }) => {
    const reply = withoutSpaces(Buffer.from(json, 'utf8').toString('latin1'));
    expect(reply?.bytes.toString('utf8')).toBe(compact);
  });

  it.each([
    { name: 'two numbers that would become one', json: '[1 2]' },
    { name: 'a control character in a string', json: '{"a":"\u0001"}' },
    { name: 'a control character outside', json: '{"a":\u00011}' },
  ])('is refused with $name', ({ json }) => {
    expect(withoutSpaces(json)).toBeNull();
  });

  it('is UTF-8', () => {
    expect(toCompact(Buffer.from('{"a":"é"}', 'latin1'))).toBeNull();
  });
});
