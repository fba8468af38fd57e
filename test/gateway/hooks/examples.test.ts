import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import { type AuditLine, auditLog } from './examples/audit-log.ts';
import { lastKnown } from './examples/last-known.ts';
import { requireClient } from './examples/require-client.ts';
import { servedBy } from './examples/served-by.ts';
import { tenantHeader } from './examples/tenant-header.ts';
import { createHookedEngine, createTwoSubgraphs } from './hooked-engine.ts';

const ada: Identity = {
  subject: 'ada',
  tenant: 'acme',
  roles: [],
  scopes: [],
  expiresAt: Number.MAX_SAFE_INTEGER,
  tokenId: null,
};
const QUERY = '{ account { name balance } }';
const DATA = { account: { name: 'Acme', balance: 7 } };

describe('docs/hooks.md', () => {
  const page = readFileSync('docs/hooks.md', 'utf8');
  const shown = [...page.matchAll(/```ts\n\/\/ ([\w-]+\.ts)\n([\s\S]*?)```/g)];

  it('shows examples', () => {
    expect(shown.length).toBeGreaterThanOrEqual(5);
  });

  it.each(shown.map(([, file = '', code = '']) => [file, code]))('shows %s as it is run here', (file, code) => {
    const source = readFileSync(new URL(`./examples/${file}`, import.meta.url), 'utf8');
    expect(code).toBe(source.replace(`'../../../../gateway/index.ts'`, `'tributary'`));
  });
});

describe('the example', () => {
  it('require-client refuses a request without the header', async () => {
    await using hooked = await createHookedEngine([requireClient]);
    await expect(hooked.ask(QUERY)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await hooked.ask(QUERY, { headers: { 'x-client-name': 'till' } })).toMatchObject({ data: DATA });
  });

  it('tenant-header tells one subgraph the tenant', async () => {
    const sent: unknown[] = [];
    const graph = createTwoSubgraphs();
    graph.intercept(({ subgraph, headers }) => void sent.push([subgraph, headers]));
    await using hooked = await createHookedEngine([tenantHeader], { graph });
    await hooked.ask(QUERY, { identity: ada });
    expect(sent).toEqual([
      ['crm', undefined],
      ['billing', { 'x-tenant': 'acme' }],
    ]);
  });

  it('served-by adds an extension and a header', async () => {
    await using hooked = await createHookedEngine([servedBy('7.1')]);
    expect(await hooked.ask(QUERY)).toMatchObject({
      data: DATA,
      extensions: { served: { release: '7.1', fetches: 2 } },
      headers: { 'x-release': '7.1' },
    });
  });

  it('audit-log writes changes and refusals', async () => {
    const lines: AuditLine[] = [];
    await using hooked = await createHookedEngine([auditLog((line) => lines.push(line))]);
    await hooked.ask(QUERY, { identity: ada });
    await hooked.ask('mutation Rename { rename(name: "B") { name } }', { identity: ada });
    await hooked.ask('{ nothing }').catch(() => null);
    expect(lines).toEqual([
      { who: 'ada', what: 'Rename', outcome: 'done', requestId: 'r1' },
      { who: 'anonymous', what: 'unnamed', outcome: 'GRAPHQL_VALIDATION_FAILED', requestId: 'r1' },
    ]);
  });

  it('last-known answers for a subgraph that is down', async () => {
    const graph = createTwoSubgraphs();
    await using hooked = await createHookedEngine([lastKnown('billing')], { graph });
    await hooked.ask(QUERY);
    graph.intercept(({ subgraph }) => {
      if (subgraph === 'billing') throw new AppError('SUBGRAPH_UNAVAILABLE', 'down');
      return undefined;
    });
    expect(await hooked.ask(QUERY)).toEqual({ data: DATA, headers: {} });
    expect(await hooked.ask('{ account { owed: balance } }')).toMatchObject({ data: { account: { owed: null } } });
  });
});
