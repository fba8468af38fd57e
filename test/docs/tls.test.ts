import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TLS_CIPHERS, TLS_GROUPS } from '../../lib/tls-policy.ts';
import { readTable } from './markdown-table.ts';

const page = readFileSync(new URL('../../docs/tls.md', import.meta.url), 'utf8');

describe('docs/tls.md', () => {
  it('has the suites of lib/tls-policy.ts, in their order', () => {
    const rows = Object.entries(TLS_CIPHERS).map(([version, suites]) => [version, suites.join(', ')]);
    expect(readTable(page, 'Version')).toEqual(rows);
  });

  it('has the groups', () => {
    expect(page).toContain(`Groups: ${TLS_GROUPS.join(', ')}.`);
  });
});
