import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromFile } from '../../../../gateway/supergraph/sources/from-file.ts';
import { fromYaml } from '../../../../gateway/supergraph/sources/from-yaml.ts';
import type { SupergraphSource } from '../../../../gateway/supergraph/sources/source.ts';
import { until } from '../../../support/until.ts';

const TIMES = { settleMs: 20, pollMs: 60_000 };
let folder: string;
const sources: SupergraphSource[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-source-'));
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(source: SupergraphSource) {
  sources.push(source);
  const [changes, errors]: [string[], string[]] = [[], []];
  const first = await source.start(
    (sdl) => changes.push(sdl),
    ({ code }) => errors.push(code),
  );
  return { first, changes, errors, source };
}

describe('a supergraph from a file', () => {
  it.each([
    ['is written', (file: string) => writeFile(file, 'two')],
    [
      'is renamed over, as editors do',
      async (file: string) => {
        await writeFile(`${file}.tmp`, 'two');
        await rename(`${file}.tmp`, file);
      },
    ],
  ])('is told anew when the file %s', async (_, change) => {
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, 'one');
    const { first, changes } = await start(fromFile(file, TIMES));
    await change(file);
    await until('the change is told', () => changes.includes('two'));
    expect([first, changes.at(-1)]).toEqual(['one', 'two']);
  });

  it('is told anew when a symbolic link on the way is swapped, as Kubernetes does', async () => {
    for (const [name, text] of [
      ['v1', 'one'],
      ['v2', 'two'],
    ] as const) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'supergraph.graphql'), text);
    }
    await symlink('v1', join(folder, '..data'));
    await symlink(join('..data', 'supergraph.graphql'), join(folder, 'supergraph.graphql'));
    const { changes } = await start(fromFile(join(folder, 'supergraph.graphql'), TIMES));
    await symlink('v2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await until('the change is told', () => changes.length > 0);
    expect(changes).toEqual(['two']);
  });

  it('is told when polling alone finds it, once for each text', async () => {
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, 'one');
    const { changes } = await start(fromFile(file, { settleMs: 60_000, pollMs: 20 }));
    await writeFile(file, 'two');
    await until('the change is told', () => changes.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(changes).toEqual(['two']);
  });

  it('that is gone is reported once, and told when it is back', async () => {
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, 'one');
    const { changes, errors, source } = await start(fromFile(file, TIMES));
    await rm(file);
    await until('the failure is told', () => errors.length > 0);
    await source.reload?.();
    expect(errors).toEqual(['SUPERGRAPH_INVALID']);
    await writeFile(file, 'one');
    await until('it is back', () => changes.length > 0);
    expect(changes).toEqual(['one']);
  });

  it('does not start without the file, and tells nothing after it is closed', async () => {
    const file = join(folder, 'supergraph.graphql');
    await expect(start(fromFile(file, TIMES))).rejects.toMatchObject({ code: 'SUPERGRAPH_INVALID' });
    await writeFile(file, 'one');
    const { changes, source } = await start(fromFile(file, TIMES));
    await source.close();
    await writeFile(file, 'two');
    await source.reload?.();
    expect(changes).toEqual([]);
  });
});

describe('a supergraph from supergraph.yaml', () => {
  const subgraph = (field: string) =>
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")\ntype Query { ${field}: Int }`;
  const config = (file: string) => `subgraphs:\n  a:\n    routing_url: http://a/\n    schema:\n      file: ${file}\n`;

  it('is composed anew when a schema file changes, and when the configuration names another', async () => {
    const file = join(folder, 'supergraph.yaml');
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'a.graphql'), subgraph('one'));
    await writeFile(join(folder, 'other', 'a.graphql'), subgraph('three'));
    await writeFile(file, config('a.graphql'));
    const { first, changes, errors } = await start(fromYaml(file, TIMES));
    expect(first).toContain('one: Int');
    await writeFile(join(folder, 'a.graphql'), subgraph('two'));
    await until('the schema file is followed', () => changes.some((sdl) => sdl.includes('two: Int')));
    await writeFile(file, config('other/a.graphql'));
    await until('the configuration is followed', () => changes.some((sdl) => sdl.includes('three: Int')));
    await writeFile(join(folder, 'other', 'a.graphql'), 'type {');
    await until('what does not compose is reported', () => errors.length > 0);
    await writeFile(join(folder, 'other', 'a.graphql'), subgraph('four'));
    await until('the new folder is followed', () => changes.some((sdl) => sdl.includes('four: Int')));
    expect(new Set(errors)).toEqual(new Set(['SUPERGRAPH_INVALID']));
  });
});
