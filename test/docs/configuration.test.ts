import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VARIABLES } from '../../lib/config.ts';
import { readTable, writeRows } from './markdown-table.ts';

/** The default as one would write it in the environment; a dash when there is none. */
function defaultOf(schema: (typeof VARIABLES)[keyof typeof VARIABLES]['schema']): string {
  const value = schema.safeParse(undefined).data;
  return value === undefined ? '–' : `\`${String(value)}\``;
}

it('docs/configuration.md has the rows of lib/config.ts, in their order', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = Object.entries(VARIABLES).map(([name, { schema, expected, about }]) => [
    `\`${name}\``,
    expected,
    defaultOf(schema),
    about,
  ]);
  expect(writeRows(readTable(page, 'Variable'))).toBe(writeRows(rows));
});
