import { describe, expect, it } from 'vitest';
import { loadSupergraph } from '../../../gateway/supergraph/load-supergraph.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';

const { supergraphSdl } = createTestGraph([
  {
    name: 'a',
    sdl: `type Query { a: A @requiresScopes(scopes: [["x"]]) hidden: Int @inaccessible }
      type A @key(fields: "id org { name }") { id: ID! org: Org! @shareable }
      type Org @shareable { name: String }`,
  },
  {
    name: 'b',
    sdl: `type A @key(fields: "id org { name }") { id: ID! org: Org! @shareable weight: Int }
      type Org @shareable { name: String }`,
  },
]);

const link = (url: string, rest = '') => supergraphSdl.replace('schema\n', `schema\n  @link(url: "${url}"${rest})\n`);

describe('loadSupergraph', () => {
  it('gives clients a schema without what is hidden, and with @defer', () => {
    const { schema } = loadSupergraph(supergraphSdl);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['a']);
    expect(schema.getDirective('defer')).toBeDefined();
    expect(Object.keys(schema.getTypeMap()).filter((name) => /join__|link__/.test(name))).toEqual([]);
  });

  it('knows the fields that keys read', () => {
    expect([...loadSupergraph(supergraphSdl).inputNames].sort()).toEqual(['id', 'name', 'org']);
  });

  it('reads the rules of fields', () => {
    const { schema, policy } = loadSupergraph(supergraphSdl);
    const query = schema.getQueryType();
    expect(query && policy.forField(query, query.getFields()['a'] as never)).toEqual([['x']]);
  });

  it.each([
    ['is no SDL', 'type Query {', /is not GraphQL SDL/],
    ['is the schema of one subgraph', 'type Query { a: Int }', /links no join specification/],
    ['uses a policy', link('https://specs.apollo.dev/policy/v0.1', ', for: SECURITY'), /policy\/v0\.1 for SECURITY/],
    [
      'uses an unknown executable feature',
      link('https://example.com/magic/v1.0', ', for: EXECUTION'),
      /magic\/v1\.0 for EXECUTION/,
    ],
    [
      'uses a version from the future',
      link('https://specs.apollo.dev/inaccessible/v9.0', ', for: SECURITY'),
      /inaccessible\/v9\.0/,
    ],
    ['does not load', supergraphSdl.replace('enum join__Graph', 'enum join__Grap'), /does not load/],
  ])('refuses a document that %s', (_, sdl, message) => {
    expect(() => loadSupergraph(sdl)).toThrow(
      expect.objectContaining({ code: 'SUPERGRAPH_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('lets a feature pass that claims no purpose', () => {
    expect(loadSupergraph(link('https://example.com/notes/v1.0')).schema.getType('A')).toBeDefined();
  });
});
