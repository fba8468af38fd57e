import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLInputType, isInputObjectType, isNonNullType, isObjectType, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCES } from '../../app/audiences.ts';
import { subscribe } from '../../app/demo/graph-client.ts';
import { schemaFor } from '../../gateway/index.ts';
import { readScopePolicy } from '../../lib/scope-directives.ts';
import { ROLE_SCOPES } from '../../sandbox/identity/roles.ts';
import { denialsOf, queriesOfEveryField, type TypeQuery, toText } from '../support/every-field.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

const read = (path: string) => readFileSync(new URL(`../../schema/${path}`, import.meta.url), 'utf8');
const schema = buildSchema(read('api.graphql'));
const policy = readScopePolicy(parse(read('supergraph.graphql')));
const queries = queriesOfEveryField(schema);
/** What partners may ask: all but what is internal. Their scopes reach less of it still. */
const contract = buildSchema(
  schemaFor(read('supergraph.graphql'), {
    audiences: AUDIENCES,
    identity: {
      subject: 'any',
      tenant: 'any',
      roles: ['partner'],
      scopes: ROLE_SCOPES.admin,
      expiresAt: 0,
      tokenId: null,
    },
  }),
);
const partnerQueries = queriesOfEveryField(contract);
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
const subscriptions = Object.values(schema.getSubscriptionType()?.getFields() ?? {});

let server: OwnServer;
const ids = new Map<string, string>();
const textOf = ({ selections }: TypeQuery) => `{ ${toText(schema, selections, (type) => ids.get(type) ?? '')} }`;
/** All that an answer holds at a path, through lists; without nulls. */
const at = (data: unknown, path: readonly string[]): unknown[] =>
  path.reduce<unknown[]>(
    (found, name) => found.flatMap((one) => (one as Record<string, unknown>)[name]).filter((one) => one !== null),
    [data],
  );

beforeAll(async () => {
  server = await startOwnServer();
  for (const { type, path } of queries) {
    const found = schema.getType(type);
    if (!isObjectType(found) || !found.getFields()['id']) continue;
    const { data } = await server.ask(
      'admin',
      `{ ${path.reduceRight((inner, name) => `${name} { ${inner} }`, 'id')} }`,
    );
    const [first] = at(data, [...path, 'id']);
    ids.set(type, String(first));
  }
});
afterAll(() => server.close());

it('asks for every object type but those that mutations alone answer with', () => {
  const roots = [schema.getMutationType(), schema.getSubscriptionType()];
  const asked = new Set(queries.map(({ type }) => type));
  const left = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__') && !roots.includes(type) && !asked.has(type.name),
  );
  expect(left.filter(({ name }) => !name.endsWith('Payload') && name !== 'UserError').map(({ name }) => name)).toEqual(
    [],
  );
});

describe.each(queries.map((query) => [query.type, query] as const))('every field of %s', (_type, query) => {
  it('resolves for an admin', async () => {
    const { data, errors } = await server.ask('admin', textOf(query));
    expect(errors).toBeUndefined();
    expect(at(data, query.path).length).toBeGreaterThan(0);
  });
});

it('hides from partners the type of who did something, and no other', () => {
  const hidden = queries.filter(({ type }) => !partnerQueries.some((query) => query.type === type));
  expect(hidden.map(({ type }) => type)).toEqual(['Actor']);
});

describe.each(partnerQueries.map((query) => [query.type, query] as const))('every field of %s', (_type, query) => {
  it('is refused to a partner exactly where the schema says so', async () => {
    const { data } = await server.ask('partner', '{ viewer { scopes } }');
    const { errors = [] } = await server.ask('partner', textOf(query));
    expect(errors.filter(({ extensions }) => extensions?.['code'] !== 'FORBIDDEN')).toEqual([]);
    const refused = errors.map(({ path = [], extensions }) => [path.join('.'), extensions?.['missingScopes']]);
    expect(Object.fromEntries(refused)).toEqual(denialsOf(query.selections, policy, data.viewer.scopes));
  });
});

/** The least an input takes: texts and ids that stand for nothing. */
function least(type: GraphQLInputType): unknown {
  const inner = isNonNullType(type) ? type.ofType : type;
  if (!isInputObjectType(inner)) return 'absent';
  const required = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type));
  return Object.fromEntries(required.map((field) => [field.name, least(field.type)]));
}

describe.each(mutations.map((mutation) => [mutation.name, mutation] as const))('the mutation %s', (name, mutation) => {
  const [input] = mutation.args;
  const payload = schema.getType(String(mutation.type).replace('!', ''));
  const objects = isObjectType(payload)
    ? Object.keys(payload.getFields()).filter((field) => field !== 'userErrors')
    : [];
  const selection = `${objects.map((field) => `${field} { id }`).join(' ')} userErrors { code message path }`;
  const text = `mutation ($input: ${input?.type}) { ${name}(input: $input) { ${selection} } }`;

  it('answers its payload, with user errors where the input stands for nothing', async () => {
    const { data, errors } = await server.ask('admin', text, { input: input && least(input.type) });
    expect(errors).toBeUndefined();
    const { userErrors, ...rest } = data[name];
    expect(Object.values(rest).some((one) => one === null)).toBe(userErrors.length > 0);
    for (const { code, path } of userErrors) expect([typeof code, path[0]]).toEqual(['string', 'input']);
  });

  it('is refused to a partner', async () => {
    const { data, errors } = await server.ask('partner', text, { input: input && least(input.type) });
    const [[missing] = []] = policy.get(`Mutation.${name}`) ?? [];
    expect([data, errors?.map(({ extensions }) => extensions)]).toEqual([
      null,
      [{ code: 'FORBIDDEN', missingScopes: [missing] }],
    ]);
  });
});

it.each(subscriptions.map(({ name }) => name))('the subscription %s opens', async (name) => {
  const stream = await subscribe({
    url: server.url,
    token: await server.token('admin'),
    query: `subscription { ${name} { __typename id } }`,
  });
  stream.close();
});
