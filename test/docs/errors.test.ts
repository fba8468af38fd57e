import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERRORS } from '../../lib/errors.ts';
import { readTable, writeRows } from './markdown-table.ts';

it('docs/errors.md has the rows of lib/errors.ts, in their order', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = Object.entries(ERRORS).map(([code, { status, retryable, meaning }]) => [
    `\`${code}\``,
    String(status),
    retryable ? 'yes' : 'no',
    meaning,
  ]);
  expect(writeRows(readTable(page, 'Code'))).toBe(writeRows(rows));
});
