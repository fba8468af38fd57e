import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readTable } from './markdown-table.ts';

it('docs/commands.md has a row for each script of package.json, in their order', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(readTable(page, 'command').map(([name]) => name)).toEqual(Object.keys(scripts).map((name) => `\`${name}\``));
});
