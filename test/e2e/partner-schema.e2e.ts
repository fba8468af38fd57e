import { readFile } from 'node:fs/promises';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../sandbox/identity/roles.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.close());

/** `annualRevenue` and `Actor` are tagged `internal` in the CRM. */
const INTERNAL = /annualRevenue|\bActor\b/;
const REVENUE = '{ accounts(first: 1) { nodes { annualRevenue { amount } } } }';

const bearer = async (role: Role) => ({ authorization: `Bearer ${await server.token(role)}` });

async function schemaOf(role: Role, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/schema.graphql`, { headers: { ...(await bearer(role)), ...headers } });
}

describe('a partner', () => {
  it('reads the committed partner schema at /schema.graphql, by ETag a second time', async () => {
    const answer = await schemaOf('partner');
    const text = await answer.text();
    expect(text).toBe(await readFile('schema/partner.graphql', 'utf8'));
    expect(text).not.toMatch(INTERNAL);
    const again = await schemaOf('partner', { 'if-none-match': answer.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('introspects that same schema', async () => {
    const { data, errors } = await server.ask('partner', getIntrospectionQuery({ specifiedByUrl: true }));
    expect(errors).toBeUndefined();
    expect(`${printSchema(buildClientSchema(data))}\n`).toBe(await readFile('schema/partner.graphql', 'utf8'));
  });

  it('is told of an internal field what it is told of one that is not there', async () => {
    const refusal = async (field: string) =>
      JSON.stringify(await server.ask('partner', REVENUE.replace('annualRevenue', field))).replaceAll(field, '');
    const { data, errors } = await server.ask('partner', REVENUE);
    expect(data).toBeUndefined();
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await refusal('annualRevenue')).toBe(await refusal('noSuchField'));
  });

  it('is not told by a misspelling what else there is', async () => {
    const text = JSON.stringify(await server.ask('partner', REVENUE.replace('annualRevenue', 'annualRevenu')));
    expect(text).not.toMatch(/Did you mean|annualRevenue/);
  });
});

describe('sales', () => {
  it('sees what is internal', async () => {
    expect(await (await schemaOf('sales')).text()).toMatch(INTERNAL);
    expect((await server.ask('sales', REVENUE)).errors).toBeUndefined();
  });

  it('has its data in parts where it asks for parts', async () => {
    const { data } = await server.ask('sales', '{ stripeInvoices(first: 1) { nodes { account { id name } } } }');
    const { id, name } = data.stripeInvoices.nodes[0].account;
    const query = `{ account(id: "${id}") { name ... @defer(label: "Billing") { billing { mrr { amount } } } } }`;
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        ...(await bearer('sales')),
        'content-type': 'application/json',
        accept: 'multipart/mixed;deferSpec=20220824, application/json',
      },
      body: JSON.stringify({ query }),
    });
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary="-"/);
    const parts = (await answer.text()).split(/\r\n---(?:--)?(?:\r\n)?/).flatMap((part) => {
      const [, body] = part.split('\r\n\r\n');
      return body ? [JSON.parse(body)] : [];
    });
    expect(parts[0]).toEqual({ data: { account: { name } }, hasNext: true });
    expect(parts.slice(1).flatMap(({ incremental = [] }) => incremental)).toEqual([
      { label: 'Billing', path: ['account'], data: { billing: { mrr: expect.anything() } } },
    ]);
    expect(parts.at(-1)).toMatchObject({ hasNext: false });
  });
});

describe('an explanation', () => {
  const explained = async (role: Role) => {
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { ...(await bearer(role)), 'content-type': 'application/json', 'x-tributary-explain': '1' },
      body: JSON.stringify({ query: '{ accounts(first: 1) { nodes { name billing { mrr { amount } } } } }' }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: each test knows the answer it reads
    return (await answer.json()) as any;
  };

  it('shows an admin the plan and each fetch', async () => {
    const { data, errors, extensions } = await explained('admin');
    expect(errors).toBeUndefined();
    expect(data.accounts.nodes).toHaveLength(1);
    expect(extensions.explain.fetches.map(({ subgraph }: { subgraph: string }) => subgraph)).toEqual(['crm', 'stripe']);
    expect(extensions.explain.text.join('\n')).toMatch(/crm[\s\S]+stripe/);
  });

  it('is refused to sales, who get the data all the same', async () => {
    const { data, errors, extensions } = await explained('sales');
    expect(data.accounts.nodes).toHaveLength(1);
    expect(errors.map((error: { extensions: object }) => error.extensions)).toEqual([
      expect.objectContaining({ code: 'FORBIDDEN' }),
    ]);
    expect(extensions).toBeUndefined();
  });
});

describe('a caller without a token', () => {
  const json = { 'content-type': 'application/json' };
  it('gets the same 401, byte by byte, whatever it asks', async () => {
    const requests: [string, RequestInit][] = [
      ['/graphql', { method: 'POST', headers: json, body: '{"query":"{ __typename }"}' }],
      ['/graphql', { method: 'POST', headers: json, body: '{"query":"{ annualRevenue"}' }],
      ['/graphql', { method: 'POST', headers: json, body: JSON.stringify({ query: getIntrospectionQuery() }) }],
      ['/graphql', { method: 'POST', headers: json, body: 'no JSON' }],
      ['/graphql', { method: 'POST', headers: json, body: '[{"query":"{ __typename }"}]' }],
      ['/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }],
      ['/graphql', { method: 'POST', headers: { ...json, accept: 'text/event-stream' }, body: '{"query":"{a}"}' }],
      ['/graphql', { method: 'POST', headers: { ...json, accept: 'multipart/mixed' }, body: '{"query":"{a}"}' }],
      ['/graphql', { method: 'POST', headers: { ...json, 'x-tributary-explain': '1' }, body: '{"query":"{a}"}' }],
      ['/graphql', { method: 'POST', headers: { ...json, authorization: 'Bearer e30.e30.e30' }, body: '{}' }],
      ['/graphql?query={__typename}', {}],
      ['/graphql', { method: 'DELETE' }],
      ['/schema.graphql', {}],
      ['/schema.graphql', { headers: { 'if-none-match': '*' } }],
    ];
    const answers = await Promise.all(
      requests.map(async ([path, init]) => {
        const { status, headers, arrayBuffer } = await fetch(`${server.url}${path}`, init).then(async (answer) => {
          const body = await answer.arrayBuffer();
          return { status: answer.status, headers: answer.headers, arrayBuffer: body };
        });
        const told = [...headers].filter(
          ([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name),
        );
        return JSON.stringify([status, told, Buffer.from(arrayBuffer).toString('utf8')]);
      }),
    );
    expect(answers[0]).toContain('[401,');
    for (const [index, answer] of answers.entries())
      expect([requests[index], answer]).toEqual([requests[index], answers[0]]);
  });
});
