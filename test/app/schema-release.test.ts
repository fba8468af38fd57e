import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { release, requireUnbroken } from '../../app/schema-release.ts';

const FIRST = 'type Query { account(id: ID!): Account }\ntype Account { id: ID! name: String old: Int }\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-schema-'));
  await mkdir(join(folder, 'operations'));
  await writeFile(join(folder, 'operations/account.graphql'), 'query A { account(id: "1") { name } }');
  await release(folder, { version: '1.0.0', schemas: { api: FIRST }, date: '2026-11-23' });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const refusal = (text: RegExp) =>
  expect.objectContaining({ code: 'SCHEMA_BREAKS', message: expect.stringMatching(text) });

describe('the check', () => {
  it('lets a schema pass that only grew', async () => {
    await requireUnbroken(folder, { api: FIRST.replace('old', 'more: Int old') });
  });

  it('refuses a field that is gone, naming it', async () => {
    const gone = requireUnbroken(folder, { api: FIRST.replace(' old: Int', '') });
    await expect(gone).rejects.toEqual(refusal(/^- api: .*old.*Account/m));
  });

  it('refuses a saved operation that no longer fits, though nothing was released', async () => {
    await rm(join(folder, 'released'), { recursive: true });
    const renamed = requireUnbroken(folder, { api: FIRST.replace('name', 'title') });
    await expect(renamed).rejects.toEqual(refusal(/^- account\.graphql: .*name/m));
  });
});

describe('a release', () => {
  it('puts its changes on top of the changelog, breaking ones marked, and is what counts from then on', async () => {
    const next = FIRST.replace(' old: Int', ' more: Int');
    await release(folder, { version: '1.1.0', schemas: { api: next }, date: '2026-12-01' });
    const changelog = await readFile(join(folder, 'changelog.md'), 'utf8');
    expect(changelog.match(/^## .*$/gm)).toEqual(['## 1.1.0 (2026-12-01)', '## 1.0.0 (2026-11-23)']);
    expect(changelog).toMatch(/- \*\*breaking\*\* .*old/);
    expect(changelog).toMatch(/- .*more/);
    await requireUnbroken(folder, { api: next });
  });

  it('is made once a version', async () => {
    const again = release(folder, { version: '1.0.0', schemas: { api: FIRST }, date: '2026-12-01' });
    await expect(again).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
