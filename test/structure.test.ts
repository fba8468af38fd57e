import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = ['app', 'events', 'gateway', 'lib', 'sandbox', 'store', 'subgraphs'];
const VAGUE = /^(utils?|helpers?|common|managers?|misc|shared)$/;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const files = SOURCES.flatMap(filesBelow);
const codeLines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length;

describe('the tree', () => {
  it('has files of one idea: at most 250 code lines each, the median at most 70', () => {
    const sizes = files.map((path) => ({ path, lines: codeLines(path) })).sort((a, b) => a.lines - b.lines);
    expect(sizes.filter(({ lines }) => lines > 250)).toEqual([]);
    expect(sizes[Math.floor(sizes.length / 2)]?.lines).toBeLessThanOrEqual(70);
  });

  it('names files in kebab case, after what they hold', () => {
    const names = files.map((path) => path.split('/').at(-1)?.replace(/\.ts$/, '') ?? '');
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || VAGUE.test(name))).toEqual([]);
  });

  it('has the layers of docs/architecture.md and no other', () => {
    const text = readFileSync('docs/architecture.md', 'utf8');
    for (const layer of SOURCES) expect(text).toContain(`${layer}/`);
  });
});

describe('a vendor subgraph', () => {
  const vendors = ['stripe'];
  it.each(vendors)('%s has the seven file names, and no more files beside them', (vendor) => {
    const names = readdirSync(join('subgraphs', vendor), { withFileTypes: true });
    const wanted = ['client.ts', 'index.ts', 'mapping.ts', 'resolvers.ts', 'schema.graphql', 'sync.ts', 'webhook.ts'];
    const found = names.filter((entry) => entry.isFile()).map((entry) => entry.name);
    const asFolder = (name: string) => existsSync(join('subgraphs', vendor, name.replace('.ts', ''), 'index.ts'));
    expect(wanted.filter((name) => !found.includes(name) && !asFolder(name))).toEqual([]);
    expect(found.filter((name) => !wanted.includes(name))).toEqual([]);
  });
});

describe('an export', () => {
  it('carries a docstring', () => {
    const bare = files.flatMap((path) => {
      const lines = readFileSync(path, 'utf8').split('\n');
      return lines.flatMap((line, index) => {
        if (!/^export (async )?(function|const|class|interface|type) \w/.test(line)) return [];
        return /\*\/\s*$/.test(lines.slice(0, index).findLast((above) => !/^\/\/ biome-ignore/.test(above)) ?? '')
          ? []
          : [`${path}:${index + 1}`];
      });
    });
    expect(bare).toEqual([]);
  });
});

describe('process.env', () => {
  it('is read in lib/config.ts and app/ only', () => {
    const readers = files.filter((path) =>
      /process\.env/.test(readFileSync(path, 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '')),
    );
    expect(readers.filter((path) => path !== 'lib/config.ts' && !path.startsWith('app/'))).toEqual([]);
  });
});
