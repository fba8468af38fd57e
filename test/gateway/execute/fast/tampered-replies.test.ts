import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { GraphQLScalarType, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTiers, type Tamper } from '../../../support/fast-tier.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@inaccessible"])';
const SDL: Record<string, string> = {
  catalog: `${LINK}
    type Query { items: [Item!]!  one: Item  none: Item }
    type Item @key(fields: "id") {
      id: ID!  name: String!  note: String  size: Float  count: Int!  good: Boolean  kind: Kind  any: Json  must: Json!
      tags: [String!]  grid: [[Int]]  part: Part  parts: [Part!]!
    }
    type Part { label: String!  weight: Int }
    enum Kind { SMALL LARGE SECRET @inaccessible }
    scalar Json`,
  stock: `${LINK}
    type Item @key(fields: "id") { id: ID!  count: Int! @external  amount: Int! @requires(fields: "count")  owner: Owner  holders: [Owner!] }
    type Owner @key(fields: "id") { id: ID! }`,
  owners: `${LINK} type Owner @key(fields: "id") { id: ID!  name: String!  score: Float  friend: Owner }`,
};
const QUERY = `{
  items { id name note size count good kind any must tags grid part { weight label } parts { label weight } amount owner { id name score friend { name } } holders { name } }
  one { owner { name } amount name }  none { id amount }
}`;

/** A key that is beyond ASCII, and beyond one byte a character. */
const OTHER = 'ö2 \u2603🙂';

const json = new GraphQLScalarType({ name: 'Json' });
const item = (id: string) => ({
  id,
  name: `Müller "${id}" 🙂\n`,
  note: id === 'b' ? null : 'plain',
  size: 1.5,
  count: 7,
  good: id === 'a',
  kind: 'LARGE',
  any: { nested: [1, { deep: 'x' }] },
  must: 'text',
  tags: ['one', 'two'],
  grid: [[1, null], [], [2]],
  part: id === 'b' ? null : { label: 'L', weight: 3 },
  parts: [{ label: 'P', weight: null }],
});
const owner = (id: string) => ({ id, name: `Owner ${id}`, score: 0.25, friend: id === 'o1' ? { id: OTHER } : null });
const resolvers: Record<string, Parameters<typeof buildSubgraphSchema>[0]> = {
  catalog: {
    typeDefs: parse(SDL['catalog'] ?? ''),
    resolvers: {
      Json: json,
      Query: { items: () => [item('a'), item('b'), item('a')], one: () => item('a'), none: () => null },
    },
  },
  stock: {
    typeDefs: parse(SDL['stock'] ?? ''),
    resolvers: {
      Item: {
        __resolveReference: (reference: { id: string; count: number }) => ({
          ...reference,
          amount: (reference.count ?? 0) + 1,
          owner: { id: reference.id === 'a' ? 'o1' : OTHER },
          holders: [{ id: 'o1' }, { id: OTHER }],
        }),
      },
    },
  },
  owners: {
    typeDefs: parse(SDL['owners'] ?? ''),
    resolvers: {
      Owner: {
        __resolveReference: ({ id }: { id: string }) => owner(id),
        friend: ({ friend }: { friend: { id: string } | null }) => friend && owner(friend.id),
      },
    },
  },
};

/** Texts that break JSON, or a type, or a canonical form. */
const SNIPPETS = [
  ' ',
  '\n',
  '\t',
  '\u0000',
  '\u001f',
  '"',
  '\\',
  '\\u0041',
  '\\/',
  '\\ud800',
  '\\n',
  'null',
  'true',
  '-0',
  '0',
  '1.50',
  '1e3',
  '1E400',
  '12345678901234567890',
  '2147483648',
  ',',
  ':',
  '{',
  '}',
  '[',
  ']',
  '{}',
  '[]',
  '"x"',
  '"SECRET"',
  '"SMALL"',
  '\u00ff',
  '\u2028',
  '\ud83d\ude42',
  '"errors":[{"message":"no"}],',
  '"__proto__":{"a":1},',
  '"extensions":{},',
  '00',
  'tr ue',
];

type Change = (text: string) => string | Buffer;

const atPlace = fc.double({ min: 0, max: 1, noNaN: true });
const textChange: fc.Arbitrary<Change> = fc
  .record({ place: atPlace, drop: fc.integer({ min: 0, max: 6 }), snippet: fc.constantFrom('', ...SNIPPETS) })
  .map(({ place, drop, snippet }) => (text) => {
    const at = Math.floor(place * text.length);
    return text.slice(0, at) + snippet + text.slice(at + drop);
  });
const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  1e21,
  '',
  'x',
  'SMALL',
  'SECRET',
  'é',
  '\ud800',
  'a/b',
  [],
  {},
  [null],
  { b: 1, a: { '1': 2 } },
];
const valueChange: fc.Arbitrary<Change> = fc
  .record({ place: atPlace, value: fc.constantFrom(...VALUES), spaces: fc.constantFrom(0, 1, 2) })
  .map(({ place, value, spaces }) => (text) => {
    const tree = JSON.parse(text) as unknown;
    const spots: [Record<string, unknown>, string][] = [];
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const key of Object.keys(node)) {
        spots.push([node as Record<string, unknown>, key]);
        walk((node as Record<string, unknown>)[key]);
      }
    };
    walk((tree as { data: unknown }).data);
    const spot = spots[Math.floor(place * spots.length)];
    if (spot) spot[0][spot[1]] = value;
    return JSON.stringify(tree, null, spaces);
  });
/** The value after a key at some place is replaced where it stands, so that keys keep their order. */
const leafChange: fc.Arbitrary<Change> = fc
  .record({ place: atPlace, snippet: fc.constantFrom(...SNIPPETS) })
  .map(({ place, snippet }) => (text) => {
    const values = [...text.matchAll(/(?<=":)("(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null)/g)];
    const match = values[Math.floor(place * values.length)];
    return match ? text.slice(0, match.index) + snippet + text.slice(match.index + match[0].length) : text;
  });
const wholeChange: fc.Arbitrary<Change> = fc.constantFrom<Change>(
  (text) => text.replace(/,/g, ' , ').replace(/":/g, '" : '),
  (text) => `${text}\r\n`,
  (text) => ` ${text}`,
  (text) => `\ufeff${text}`,
  (text) => text.replace('}', ',"id":"other"}'),
  (text) => text.replace('{"data":', '{"errors":[{"message":"no","path":["items",0,"name"]}],"data":'),
  (text) => text.replace(/}$/, ',"errors":[{"message":"some"}]}'),
  (text) => text.replace(/}$/, ',"errors":[]}'),
  (text) => text.replace(/}$/, ',"extensions":{"cost":1}}'),
  (text) => text.slice(0, -1),
  (text) => text + text,
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.concat([Buffer.from(text.slice(0, -8)), Buffer.from([0xff]), Buffer.from(text.slice(-8))]),
  () => '{"data":null}',
  () => '',
  () => '{"data":{"_entities":[null,null]}}',
);

describe('replies of any form', () => {
  let tiers: Awaited<ReturnType<typeof openTiers>>;
  beforeAll(async () => {
    const { supergraphSdl } = composeServices(
      Object.entries(SDL).map(([name, sdl]) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })),
    );
    const schemas = Object.entries(resolvers).map(([name, module]) => [name, buildSubgraphSchema(module)]);
    tiers = await openTiers(supergraphSdl ?? '', Object.fromEntries(schemas));
  });
  afterAll(() => tiers.close());

  const answer = async (tamper: Tamper) => {
    tiers.state.tamper = tamper;
    const exact = (await tiers.exact(QUERY)).json;
    const { json: fast, path } = await tiers.fast(QUERY);
    return { exact, fast, path };
  };

  it('take the fast path as they are', async () => {
    const { exact, fast, path } = await answer((text) => text);
    expect(fast).toBe(exact);
    expect(path).toEqual({ path: 'fast', reason: null });
  });

  it('take the fast path with spaces between tokens', async () => {
    const { exact, fast, path } = await answer((text) => JSON.stringify(JSON.parse(text), null, 2));
    expect(fast).toBe(exact);
    expect(path?.path).toBe('fast');
  });

  it('leave it with an error, and nothing is sent twice', async () => {
    const { exact, fast, path } = await answer((text, { subgraph }) =>
      subgraph === 'stock'
        ? text.replace(/}$/, ',"errors":[{"message":"some","path":["_entities",0,"amount"]}]}')
        : text,
    );
    expect(fast).toBe(exact);
    expect(path).toEqual({ path: 'exact', reason: 'errors' });
    const before = tiers.state.sent;
    await tiers.fast(QUERY);
    const byFast = tiers.state.sent - before;
    await tiers.exact(QUERY);
    expect(byFast).toBe(tiers.state.sent - before - byFast);
  });

  it.each([
    { name: 'texts', changes: textChange },
    { name: 'values', changes: valueChange },
    { name: 'leaves in place', changes: leafChange },
    { name: 'whole replies', changes: wholeChange },
  ])('give the same bytes on both tiers when $name are changed', async ({ changes }) => {
    const subgraphs = fc.constantFrom('catalog', 'stock', 'owners');
    await fc.assert(
      fc.asyncProperty(changes, subgraphs, async (change, subgraph) => {
        const { exact, fast } = await answer((text, request) => (request.subgraph === subgraph ? change(text) : text));
        expect(fast).toBe(exact);
      }),
      { numRuns: 150 },
    );
  });
});
