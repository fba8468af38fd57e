import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../../gateway/insight/explain/explanation.ts';
import { explainPlan, toPlanLines } from '../../../gateway/insight/explain/plan-tree.ts';
import type { Identity } from '../../../lib/identity.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { authenticateByScopes, startHttpGraph } from './http-graph.ts';

const QUERY = 'query Home { account { name balance secret } }';
const ASKED = { query: QUERY, extensions: { explain: true } };
const EXPLAINER = { authorization: 'Bearer graph:explain' };
const DENIED = {
  message: 'An explanation needs the scope graph:explain.',
  extensions: { code: 'FORBIDDEN', missingScopes: ['graph:explain'] },
};

describe('an explanation', () => {
  it('says how the answer came about', async () => {
    await using graph = await startHttpGraph({ authenticate: authenticateByScopes });
    const { body, headers } = await graph.ask(ASKED, EXPLAINER);
    const explanation = body.extensions?.['explain'] as Explanation;
    expect(body.data).toEqual({ account: { name: 'Acme', balance: 7, secret: null } });
    expect(explanation.plan).toMatchObject({
      kind: 'sequence',
      nodes: [
        { kind: 'fetch', subgraph: 'crm', path: '', requires: null },
        { kind: 'fetch', subgraph: 'billing', path: 'account', requires: '{ ... on Account { __typename id } }' },
      ],
    });
    expect(explanation.text[0]).toBe('sequence');
    expect(explanation.text[1]).toMatch(/^ {2}crm: \{ account \{ __typename id name \} \}/);
    expect(explanation.text[2]).toMatch(
      /^ {2}billing at account: \{ \.\.\. on Account .* => \{ \.\.\. on Account \{ balance \} \}/,
    );
    expect(explanation.denied).toEqual([{ path: ['account', 'secret'], missingScopes: ['secret:read'] }]);
    expect(explanation.fetches).toMatchObject([
      { subgraph: 'crm', kind: 'query', status: 200, attempts: 1, verdicts: [], error: null },
      { subgraph: 'billing', kind: 'query', status: 200, attempts: 1, verdicts: [], error: null },
    ]);
    for (const { ms, startMs, receivedBytes } of explanation.fetches)
      expect([ms > 0, startMs >= 0, Number(receivedBytes) > 0]).toEqual([true, true, true]);
    const { stages } = explanation;
    expect(stages.plan).toBe('miss');
    expect(stages.totalMs).toBeGreaterThanOrEqual(stages.executeMs);
    expect(stages.executeMs).toBeGreaterThanOrEqual(stages.shapeMs);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('knows a plan that was known', async () => {
    await using graph = await startHttpGraph({ authenticate: authenticateByScopes });
    await graph.ask({ query: QUERY }, EXPLAINER);
    const { body } = await graph.ask(ASKED, EXPLAINER);
    expect(body.extensions?.['explain']).toMatchObject({ stages: { plan: 'hit' } });
  });

  it('is had by a header too', async () => {
    await using graph = await startHttpGraph({ authenticate: authenticateByScopes });
    const { body } = await graph.ask({ query: QUERY }, { ...EXPLAINER, 'x-tributary-explain': '1' });
    expect(body.extensions?.['explain']).toMatchObject({ plan: { kind: 'sequence' } });
  });

  it('holds no URL, no header and no variable', async () => {
    await using graph = await startHttpGraph({ authenticate: authenticateByScopes });
    const { body } = await graph.ask(
      {
        query: 'mutation Rename($name: String!) { rename(name: $name) { balance } }',
        variables: { name: 'the-new-name' },
        extensions: { explain: true },
      },
      { ...EXPLAINER, 'x-secret': 'header-value' },
    );
    const text = JSON.stringify(body.extensions);
    expect(text).toContain('rename(name: $name)');
    for (const secret of ['http:', '127.0.0.1', 'header-value', 'the-new-name', 'Bearer'])
      expect(text).not.toContain(secret);
  });
});

describe('an explanation is refused, and the data served,', () => {
  it('to callers of an audience, whose schema has less than a plan names', async () => {
    const graph = createTestGraph([
      {
        name: 'ledger',
        sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])
          type Query { account: Account } type Account @key(fields: "number") { number: ID! @tag(name: "internal") name: String }`,
        resolvers: { Query: { account: () => ({ number: '7', name: 'Acme' }) } },
      },
    ]);
    const audiences = [{ name: 'partner', roles: ['partner'], exclude: ['internal'] }];
    const authenticate = async (role: string): Promise<Identity> => ({
      ...(await authenticateByScopes('graph:explain')),
      roles: [role],
    });
    await using served = await startHttpGraph({
      supergraph: graph.supergraphSdl,
      transport: graph.transport,
      authenticate,
      audiences,
    });
    const asked = { query: '{ account { name } }', extensions: { explain: true } };
    const { body } = await served.ask(asked, { authorization: 'Bearer partner' });
    expect(body).toEqual({
      data: { account: { name: 'Acme' } },
      errors: [
        {
          message: 'Callers of an audience get no explanations.',
          extensions: { code: 'FORBIDDEN', missingScopes: [] },
        },
      ],
    });
    expect(JSON.stringify(await served.ask(asked, { authorization: 'Bearer staff' }))).toContain('ledger');
  });

  it('without the scope', async () => {
    await using graph = await startHttpGraph({ authenticate: authenticateByScopes });
    const { status, body } = await graph.ask(
      { ...ASKED, query: '{ account { name } }' },
      { authorization: 'Bearer other' },
    );
    expect([status, body]).toEqual([200, { data: { account: { name: 'Acme' } }, errors: [DENIED] }]);
  });

  it('on a gateway without authentication, unless it is told that anyone may have it', async () => {
    await using closed = await startHttpGraph();
    expect((await closed.ask({ ...ASKED, query: '{ account { name } }' })).body.errors).toEqual([DENIED]);
    await using open = await startHttpGraph({ insight: { explain: 'anyone' } });
    expect((await open.ask(ASKED)).body.extensions).toHaveProperty('explain');
  });

  it('where it is switched off, with the scope too', async () => {
    await using graph = await startHttpGraph({ authenticate: authenticateByScopes, insight: { explain: 'off' } });
    expect((await graph.ask({ ...ASKED, query: '{ account { name } }' }, EXPLAINER)).body.errors).toEqual([DENIED]);
  });
});

describe('an answer that nobody asked to be explained', () => {
  it.each([[{ explain: false }], [{ explain: 'true' }], [{ other: true }], [null]])(
    'with extensions %j says nothing',
    async (extensions) => {
      await using graph = await startHttpGraph({ authenticate: authenticateByScopes });
      const { body } = await graph.ask({ query: '{ account { name } }', extensions }, EXPLAINER);
      expect(body).toEqual({ data: { account: { name: 'Acme' } } });
    },
  );
});

describe('a plan as lines', () => {
  const fetch = (serviceName: string) =>
    ({ kind: 'Fetch', serviceName, operation: '{ a b }', operationKind: 'query' }) as never;

  it('shows nesting, conditions and deferred parts', () => {
    const tree = explainPlan({
      kind: 'QueryPlan',
      node: {
        kind: 'Parallel',
        nodes: [
          { kind: 'Condition', condition: 'on', ifClause: fetch('x'), elseClause: fetch('y') },
          {
            kind: 'Defer',
            primary: { node: fetch('p') },
            deferred: [{ depends: [], queryPath: [], label: 'later', node: fetch('d') }],
          },
          { kind: 'Flatten', path: ['list', '@'], node: fetch('f') },
        ],
      },
    } as never);
    expect(toPlanLines(tree)).toEqual([
      'parallel',
      ...['  if $on', '    x: { a b }', '  unless $on', '    y: { a b }'],
      ...['  first', '    p: { a b }', '  later later', '    d: { a b }'],
      '  f at list.@: { a b }',
    ]);
  });

  it('says so when nothing is fetched', () => {
    expect(toPlanLines(explainPlan({ kind: 'QueryPlan' }))).toEqual(['nothing is fetched']);
  });
});
