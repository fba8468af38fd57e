import { composeSchemaContract, composeServices } from '@theguild/federation-composition';
import { buildSchema, type GraphQLSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Audience, createAudiences } from '../../../gateway/audience/audiences.ts';
import { schemaFor } from '../../../gateway/audience/schema-for.ts';
import type { ContractTags } from '../../../gateway/audience/visibility.ts';
import { composeSupergraph } from '../../../gateway/supergraph/compose-supergraph.ts';
import { type LoadedSupergraph, loadSupergraph } from '../../../gateway/supergraph/load-supergraph.ts';
import type { Identity } from '../../../lib/identity.ts';

let graph: LoadedSupergraph;
beforeAll(async () => {
  const { supergraphSdl } = await composeSupergraph({ file: 'supergraph.yaml' });
  graph = loadSupergraph(supergraphSdl, { defer: false });
});

const PARTNER: Audience = { name: 'partner', roles: ['partner'], exclude: ['internal'] };

function identity(roles: string[], scopes: string[]): Identity {
  return { subject: 's', tenant: 't', roles, scopes, expiresAt: 0, tokenId: null };
}

function audiences(...list: Audience[]) {
  return createAudiences({ document: parse(graph.sdl), schema: graph.schema, policy: graph.policy, audiences: list });
}

describe('a view', () => {
  it('hides from an audience what its contract excludes, whatever its scopes', () => {
    const view = audiences(PARTNER).viewOf(identity(['partner'], ['customers:read', 'customers:write', 'pii:read']));
    expect(view.audience).toBe('partner');
    expect(printSchema(view.schema)).not.toMatch(/annualRevenue|createdBy|Actor/);
    expect(view.sdl).not.toMatch(/annualRevenue|createdBy|Actor/);
  });

  it('is the whole graph for callers of no audience', () => {
    const view = audiences(PARTNER).viewOf(identity(['sales'], ['customers:read']));
    expect(view.schema).toBe(graph.schema);
    expect(view.audience).toBeNull();
  });

  it('shows of it what the scopes reach', () => {
    const { viewOf } = audiences();
    const reader = viewOf(identity([], ['customers:read']));
    expect(reader.sdl).toMatch(/givenName/);
    expect(reader.sdl).not.toMatch(/ContactEmail|accountCreate|StripeInvoice /);
    expect(viewOf(identity([], ['customers:read', 'pii:read'])).sdl).toMatch(/emails: \[ContactEmail!\]/);
    expect(viewOf(identity([], [])).sdl).not.toMatch(/givenName/);
    expect(viewOf(null).sdl).not.toMatch(/givenName/);
  });

  it('is the same for the same scopes in another order', () => {
    const { viewOf } = audiences();
    const view = viewOf(identity([], ['customers:read', 'billing:read']));
    expect(viewOf(identity(['x'], ['billing:read', 'customers:read']))).toBe(view);
  });

  it('is what schema/partner.graphql is made of', () => {
    const sdl = schemaFor(graph.sdl, { audiences: [PARTNER], identity: identity(['partner'], ['customers:read']) });
    expect(Object.keys(buildSchema(sdl).getQueryType()?.getFields() ?? {})).toContain('accounts');
  });
});

it('refuses a contract about a tag that nothing carries', () => {
  expect(() => audiences({ ...PARTNER, exclude: ['intern'] })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});

describe('a contract', () => {
  const LINK =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag", "@shareable"])';
  const services = [
    {
      name: 'crm',
      typeDefs: parse(`${LINK}
        type Query { account(id: ID!): Account @tag(name: "public") audit: [Entry!]! @tag(name: "internal") }
        type Account @key(fields: "id") @tag(name: "public") {
          id: ID! name: String notes(all: Boolean @tag(name: "internal")): [Note!] @tag(name: "internal") state: State
        }
        type Note { text: String }
        type Entry { at: String by: String }
        enum State @tag(name: "public") { OPEN CLOSED FROZEN @tag(name: "internal") }`),
    },
    {
      name: 'billing',
      typeDefs: parse(`${LINK}
        type Query { invoices: [Invoice!]! @tag(name: "public") }
        type Invoice @tag(name: "public") { id: ID! margin: Int @tag(name: "internal") account: Account }
        type Account @key(fields: "id") { id: ID! invoices: [Invoice!]! @tag(name: "public") }`),
    },
  ];

  const contract = (tags: ContractTags) => {
    const { supergraphSdl = '' } = composeServices(services);
    const { schema, policy } = loadSupergraph(supergraphSdl, { defer: false });
    const document = parse(supergraphSdl);
    const made = createAudiences({ document, schema, policy, audiences: [{ name: 'a', roles: ['a'], ...tags }] });
    return made.viewOf(identity(['a'], [])).schema;
  };
  const text = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

  it('without a tag is what The Guild’s composition makes of it', () => {
    const filter = { include: new Set<string>(), exclude: new Set(['internal']) };
    const theirs = composeSchemaContract(services, filter, true);
    expect(text(contract({ exclude: ['internal'] }))).toBe(text(buildSchema(theirs.publicSdl ?? '')));
  });

  it('of a tag has what carries it or whose type does, and the leaf types, arguments and inputs that this needs', () => {
    const fields = (schema: GraphQLSchema, type: string) => {
      const found = schema.getType(type);
      return found && 'getFields' in found ? Object.keys(found.getFields()).sort() : [];
    };
    const schema = contract({ include: ['public'], exclude: ['internal'] });
    expect(fields(schema, 'Query')).toEqual(['account', 'invoices']);
    expect(fields(schema, 'Account')).toEqual(['id', 'invoices', 'name', 'state']);
    expect(fields(schema, 'Invoice')).toEqual(['account', 'id']);
    expect(
      schema
        .getQueryType()
        ?.getFields()
        ['account']?.args.map(({ name }) => name),
    ).toEqual(['id']);
    expect(schema.getType('Entry')).toBeUndefined();
    expect(printSchema(schema)).toMatch(/enum State \{\s+OPEN\s+CLOSED\s+\}/);
  });
});
