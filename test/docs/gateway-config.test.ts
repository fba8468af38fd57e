import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configRows } from '../gateway/config/config-rows.ts';
import { readTable, writeRows } from './markdown-table.ts';

it('docs/gateway-config.md has the rows of the schema of configuration files, in their order', () => {
  const page = readFileSync(new URL('../../docs/gateway-config.md', import.meta.url), 'utf8');
  expect(writeRows(readTable(page, 'Setting'))).toBe(writeRows(configRows()));
});
