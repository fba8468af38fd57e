import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readTable } from './markdown-table.ts';

it('docs/crm.md says what each code of userErrors means, in the order of subgraphs/kit/user-errors.ts', () => {
  const source = readFileSync('subgraphs/kit/user-errors.ts', 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => `\`${code}\``);
  const rows = readTable(readFileSync('docs/crm.md', 'utf8'), '`userErrors.code`');
  expect(rows.map(([code]) => code)).toEqual(codes);
});
