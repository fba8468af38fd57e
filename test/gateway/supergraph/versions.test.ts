import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import { FEATURES } from '../../../gateway/supergraph/features.ts';
import { loadSupergraph } from '../../../gateway/supergraph/load-supergraph.ts';
import type { SubgraphTransport } from '../../../gateway/transport/transport.ts';
import { contextOf } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';

const feature = (kind: 'core' | 'link', url: string, purpose = '') =>
  kind === 'core' ? `@core(feature: "${url}"${purpose})` : `@link(url: "${url}"${purpose})`;
const CORE =
  'directive @core(feature: String!, as: String, for: core__Purpose) repeatable on SCHEMA enum core__Purpose { EXECUTION SECURITY }';
const LINK = `directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
  scalar link__Import enum link__Purpose { EXECUTION SECURITY }`;
const GRAPHS =
  'enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") } scalar join__FieldSet';

/** As Federation 1 composed it: every field of an entity has an owner. */
const fed1 = (kind: 'core' | 'link', spec: string, join: string) => `
  schema ${feature(kind, spec)} ${feature(kind, `https://specs.apollo.dev/join/${join}`, join === 'v0.1' ? '' : ', for: EXECUTION')} { query: Query }
  ${kind === 'core' ? CORE : LINK}
  directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet) on FIELD_DEFINITION
  directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE
  directive @join__owner(graph: join__Graph!) on OBJECT | INTERFACE
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  ${GRAPHS}
  type Query { me: User @join__field(graph: A) }
  type User @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
    id: ID! @join__field(graph: A) name: String @join__field(graph: A) age: Int @join__field(graph: B)
  }`;

const answers: SubgraphTransport = {
  send: async ({ subgraph }) =>
    subgraph === 'a'
      ? { data: { me: { __typename: 'User', id: '1', name: 'Ada' } } }
      : { data: { _entities: [{ __typename: 'User', age: 36 }] } },
  close: async () => {},
};

describe('supergraphs of older tools', () => {
  it.each([
    ['core v0.1, join v0.1', fed1('core', 'https://specs.apollo.dev/core/v0.1', 'v0.1')],
    ['core v0.2, join v0.1', fed1('core', 'https://specs.apollo.dev/core/v0.2', 'v0.1')],
  ])('load and answer: %s', async (_, supergraph) => {
    const engine = await createEngine({ supergraph, transport: answers, planner: createInProcessPlanner });
    const operation = await engine.prepare({ query: '{ me { name age } }' }, null);
    expect(JSON.parse(JSON.stringify(await engine.execute(operation, contextOf(null))))).toEqual({
      data: { me: { name: 'Ada', age: 36 } },
    });
    await engine.close();
  });
});

describe('features', () => {
  const using = (url: string, purpose: string) => `
    schema ${feature('link', 'https://specs.apollo.dev/link/v1.0')} ${feature('link', 'https://specs.apollo.dev/join/v0.3', ', for: EXECUTION')}
      ${feature('link', url, purpose)} { query: Query }
    ${LINK}
    directive @join__graph(name: String!, url: String!) on ENUM_VALUE
    directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE
    directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION
    ${GRAPHS}
    type Query @join__type(graph: A) @join__type(graph: B) { a: Int @join__field(graph: A) }`;

  it.each(['policy/v0.1', 'context/v0.1', 'connect/v0.3', 'source/v0.1', 'cacheTag/v9.9'])(
    'that are not executed are refused at load: %s',
    (name) => {
      expect(() => loadSupergraph(using(`https://specs.apollo.dev/${name}`, ', for: EXECUTION'))).toThrow(
        expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }),
      );
    },
  );

  it.each(['cost/v0.1', 'cacheTag/v0.1'])('that change no answer load, with the reason at hand: %s', (name) => {
    expect(() => loadSupergraph(using(`https://specs.apollo.dev/${name}`, ', for: EXECUTION'))).not.toThrow();
    expect(FEATURES[`https://specs.apollo.dev/${name.split('/')[0]}`]?.ignoredBecause).toMatch(/answers|operations/);
  });
});
