import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { Engine } from '../../../gateway/engine.ts';
import { composeSupergraph } from '../../../gateway/supergraph/compose-supergraph.ts';
import { createLocalTransport } from '../../../gateway/transport/local.ts';
import { openSubgraph } from '../../../subgraphs/kit/open-subgraph.ts';
import { createNodeService } from '../../../subgraphs/node/index.ts';
import { identityOf } from '../kit/identity.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

let crm: TestCrm;
let engine: Engine;
let account: string;
let contact: string;
beforeAll(async () => {
  crm = await openCrm();
  const exists = async (tenant: string, ids: readonly string[]) =>
    (await crm.subgraph.exists?.(tenant, ids)) ?? new Set<string>();
  const node = await openSubgraph(createNodeService({ types: crm.subgraph.nodes, exists }), crm.runtime);
  const file = fileURLToPath(new URL('../../../supergraph.yaml', import.meta.url));
  const { supergraphSdl: supergraph } = await composeSupergraph({ file });
  engine = await createEngine({ supergraph, transport: createLocalTransport([crm.subgraph, node]) });
  const made = await crm.ask('mutation { accountCreate(input: { name: "Fernhollow" }) { account { id } } }');
  account = made.data.accountCreate.account.id;
  const person = await crm.ask(
    'mutation ($input: ContactCreateInput!) { contactCreate(input: $input) { contact { id } } }',
    { input: { familyName: 'Marlow', accountId: account, emails: [{ address: 'una@fernhollow.example' }] } },
  );
  contact = person.data.contactCreate.contact.id;
});
afterAll(async () => {
  await engine.close();
  await crm.close();
});

const context = (identity = identityOf()) => ({
  identity,
  requestId: 'request-5',
  signal: new AbortController().signal,
});
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

async function ask(query: string, variables: Record<string, unknown> = {}, identity = identityOf()) {
  const operation = await engine.prepare({ query, variables }, identity);
  return plain(await engine.execute(operation, context(identity)));
}

describe('the CRM in the graph', () => {
  it('fills what node finds by an id alone', async () => {
    const query = `query ($a: ID!, $c: ID!) {
      account: node(id: $a) { __typename id ... on Account { name contacts { nodes { displayName } } } }
      both: nodes(ids: [$c, $a]) { ... on Contact { familyName account { name } } ... on Account { version } } }`;
    expect(await ask(query, { a: account, c: contact })).toEqual({
      data: {
        account: {
          __typename: 'Account',
          id: account,
          name: 'Fernhollow',
          contacts: { nodes: [{ displayName: 'Marlow' }] },
        },
        both: [{ familyName: 'Marlow', account: { name: 'Fernhollow' } }, { version: 1 }],
      },
    });
    expect(await ask('query ($a: ID!) { node(id: $a) { id } }', { a: account }, identityOf('globex'))).toEqual({
      data: { node: null },
    });
  });

  it('turns a thin event into what the subscriber asked for, a deleted record included', async () => {
    const query =
      'subscription ($ids: [ID!]) { accountChanged(ids: $ids) { id name deletedAt contacts { totalCount } } }';
    const operation = await engine.prepare({ query, variables: { ids: [account] } }, identityOf());
    const event = { __typename: 'Account', id: account, type: 'crm.account.updated', version: 2, changed: ['name'] };
    const told = async () => plain(await engine.executeEvent(operation, event, context()));
    expect(await told()).toEqual({
      data: { accountChanged: { id: account, name: 'Fernhollow', deletedAt: null, contacts: { totalCount: 1 } } },
    });
    const made = await crm.ask('mutation { accountCreate(input: { name: "Goner" }) { account { id } } }');
    const { id } = made.data.accountCreate.account;
    await crm.ask('mutation ($id: ID!) { accountDelete(input: { id: $id }) { account { id } } }', { id });
    const gone = plain(await engine.executeEvent(operation, { ...event, id }, context()));
    expect(gone.data.accountChanged).toMatchObject({ id, name: 'Goner', deletedAt: expect.any(String) });
  });

  it('is pruned by rights before anything is fetched', async () => {
    const query = 'query ($c: ID!) { contact(id: $c) { familyName emails { address } } }';
    const { data, errors } = await ask(query, { c: contact }, identityOf('acme', ['customers:read']));
    expect(data).toEqual({ contact: { familyName: 'Marlow', emails: null } });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['contact', 'emails'],
        extensions: { code: 'FORBIDDEN', missingScopes: ['pii:read'] },
      }),
    ]);
  });

  it('keeps the codes of its errors', async () => {
    const { errors } = await ask('{ accounts(first: 500) { nodes { id } } }');
    expect(errors[0].extensions.code).toBe('BAD_USER_INPUT');
    const variables = { input: { name: 'X', annualRevenue: { amount: 'much', currency: 'EUR' } } };
    const query = 'mutation ($input: AccountCreateInput!) { accountCreate(input: $input) { account { id } } }';
    const refused = await ask(query, variables).catch((error: { errors: unknown[] }) => error);
    expect(refused.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });
});
