import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../../gateway/supergraph/compose-supergraph.ts';
import { readEventSources } from '../../../gateway/supergraph/event-sources.ts';
import { withFederation } from '../../support/test-subgraphs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const A = 'type Query { a: A } type A @key(fields: "id") { id: ID! name: String }';
const B = 'type A @key(fields: "id") { id: ID! size: Int }';

async function compose(subgraphs: Record<string, string>, yaml?: string) {
  const entries = Object.keys(subgraphs).map(
    (name) =>
      `  ${name}:\n    routing_url: http://127.0.0.1:4001/${name}\n    schema:\n      file: ./${name}.graphql\n`,
  );
  for (const [name, sdl] of Object.entries(subgraphs)) await writeFile(join(folder, `${name}.graphql`), sdl);
  const file = join(folder, 'supergraph.yaml');
  await writeFile(file, yaml ?? `federation_version: =2.9.0\nsubgraphs:\n${entries.join('')}`);
  return composeSupergraph({ file });
}

describe('composeSupergraph', () => {
  it('composes what the file names, relative to itself', async () => {
    const { supergraphSdl, apiSdl, hints } = await compose({ a: withFederation(A), b: withFederation(B) });
    expect(supergraphSdl).toContain('@join__graph(name: "b", url: "http://127.0.0.1:4001/b")');
    expect(buildSchema(apiSdl).getType('A')).toBeDefined();
    expect(apiSdl).not.toMatch(/join__|link__/);
    expect(apiSdl).toMatch(/^directive @defer\(/m);
    expect(hints).toEqual([]);
  });

  it.each([
    ['is not YAML', 'a: [', /is not YAML/],
    ['is empty', '', /the file/],
    ['has no subgraphs', 'subgraphs: {}', /subgraphs must name at least one subgraph/],
    [
      'has a subgraph without URL',
      'subgraphs: { a: { schema: { file: x } } }',
      /subgraphs\.a\.routing_url must be a URL/,
    ],
    [
      'has a wrong URL',
      'subgraphs: { a: { routing_url: nowhere, schema: { file: x } } }',
      /subgraphs\.a\.routing_url must be a URL/,
    ],
    [
      'has a subgraph without schema',
      'subgraphs: { a: { routing_url: "http://x" } }',
      /subgraphs\.a\.schema must be \{ file: PATH \}/,
    ],
    [
      'has an unknown key',
      'subgraphs: { a: { routing_url: "http://x", schema: { file: x }, scheme: 1 } }',
      /subgraphs\.a .*scheme/,
    ],
    ['asks for Federation 1', 'federation_version: 1\nsubgraphs: {}', /federation_version must be 2 or =2\.x\.y/],
    [
      'names a file that is not there',
      'subgraphs: { a: { routing_url: "http://x", schema: { file: ./no.graphql } } }',
      /subgraph a: \.\/no\.graphql cannot be read/,
    ],
  ])('refuses a configuration that %s', async (_, yaml, message) => {
    await expect(compose({}, yaml)).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('names the file that is not there', async () => {
    await expect(composeSupergraph({ file: join(folder, 'none.yaml') })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
      message: expect.stringContaining('none.yaml cannot be read'),
    });
  });

  it.each([
    ['that is not SDL', 'type Query { a: ', /subgraph b: expected GraphQL SDL, .*line 1/],
    [
      'with an unknown type',
      withFederation('type A @key(fields: "id") { id: ID! x: Nope }'),
      /\[b\] Unknown type "?Nope/,
    ],
    [
      'that owns a field of another',
      withFederation('type A @key(fields: "id") { id: ID! name: String }'),
      /Non-shareable field "A\.name"/,
    ],
    [
      'that sees an input differently',
      withFederation('input I { x: Int y: Int } extend type Query { f(i: I): Int }'),
      null,
    ],
  ])('refuses a subgraph %s', async (_, sdl, message) => {
    const first = message ? A : `${A} input I { x: Int } extend type Query { e(i: I): Int }`;
    await expect(compose({ a: withFederation(first), b: sdl })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
      message: expect.stringMatching(message ?? /INCONSISTENT_INPUT_OBJECT_FIELD/),
    });
  });

  it('refuses an event field whose filter is of no known form', async () => {
    const sdl = `type Subscription { s: A @edfs__kafkaSubscribe(topics: ["t"]) @openfed__subscriptionFilter(condition: {}) }
      type A @key(fields: "id", resolvable: false) { id: ID! @external }`;
    await expect(compose({ a: withFederation(A), events: sdl })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
      message: expect.stringContaining('Subscription.s: condition of @openfed__subscriptionFilter'),
    });
  });
});

describe('an event subgraph written for Cosmo', () => {
  const cosmo = `
    directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
    directive @openfed__subscriptionFilter(condition: openfed__SubscriptionFilterCondition!) on FIELD_DEFINITION
    input openfed__SubscriptionFilterCondition { IN: openfed__SubscriptionFieldCondition }
    input openfed__SubscriptionFieldCondition { fieldPath: String! values: [String]! }
    input edfs__NatsStreamConfiguration { consumerName: String! streamName: String! }
    type Query { ask(id: ID!): A @edfs__natsRequest(subject: "ask.{{ args.id }}") }
    type Mutation { say(id: ID!): edfs__PublishResult! @edfs__kafkaPublish(topic: "said", providerId: "k") }
    type Subscription {
      changed(ids: [ID!]): A
        @edfs__kafkaSubscribe(topics: ["a", "b"], providerId: "k")
        @openfed__subscriptionFilter(condition: { AND: [{ IN: { fieldPath: "id", values: ["{{ args.ids }}", null, 1] } }, { NOT: { IN: { fieldPath: "x", values: [true] } } }] })
      plain: A @edfs__kafkaSubscribe(topics: ["c"])
      streamed: A @edfs__natsSubscribe(subjects: ["s"], streamConfiguration: { consumerName: "c", streamName: "s" })
    }
    type A @key(fields: "id", resolvable: false) { id: ID! @external }`;

  it('composes as it is, with its directives in the supergraph', async () => {
    const { supergraphSdl, hints } = await compose({ a: withFederation(A), events: cosmo });
    expect(hints).toEqual([]);
    expect([...readEventSources(supergraphSdl).values()]).toEqual([
      {
        field: 'changed',
        topics: ['a', 'b'],
        providerId: 'k',
        condition: {
          AND: [
            { IN: { fieldPath: 'id', values: ['{{ args.ids }}', null, 1] } },
            { NOT: { IN: { fieldPath: 'x', values: [true] } } },
          ],
        },
      },
      { field: 'plain', topics: ['c'], providerId: 'default', condition: null },
    ]);
    expect(supergraphSdl).toContain('@edfs__natsSubscribe(subjects: ["s"]');
  });

  it('keeps its helper types from clients, and the publish result for them', async () => {
    const { apiSdl } = await compose({ a: withFederation(A), events: cosmo });
    expect(apiSdl).not.toMatch(/openfed__|edfs__(?!PublishResult)/);
    expect(apiSdl).toContain('say(id: ID!): edfs__PublishResult!');
  });

  it('is left alone when it links the directives itself', async () => {
    const linked = `extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
        @link(url: "https://specs.example/broker/v1.0", import: ["@edfs__kafkaSubscribe"])
        @composeDirective(name: "@edfs__kafkaSubscribe")
      directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String!, extra: Int) on FIELD_DEFINITION
      type Subscription { s: A @edfs__kafkaSubscribe(topics: ["t"], providerId: "p", extra: 3) }
      type A @key(fields: "id", resolvable: false) { id: ID! }`;
    const { supergraphSdl } = await compose({ a: withFederation(A), events: linked });
    expect(supergraphSdl).toContain('extra: 3');
  });

  it('must say its topics', async () => {
    const sdl =
      'type Subscription { s: A @edfs__kafkaSubscribe } type A @key(fields: "id", resolvable: false) { id: ID! }';
    await expect(compose({ a: withFederation(A), events: sdl })).rejects.toMatchObject({ code: 'SUPERGRAPH_INVALID' });
  });
});
