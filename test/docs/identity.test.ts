import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_USERS } from '../../sandbox/identity/demo-users.ts';
import { ROLE_SCOPES, ROLES, SCOPES } from '../../sandbox/identity/roles.ts';
import { readTable } from './markdown-table.ts';

const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');

describe('docs/identity.md', () => {
  it('says of every scope which roles have it', () => {
    const rows = SCOPES.map((scope) => [
      `\`${scope}\``,
      ...ROLES.map((role) => (ROLE_SCOPES[role].includes(scope) ? 'yes' : '')),
    ]);
    expect(readTable(page, 'Scope')).toEqual(rows);
  });

  it('names everybody of the demo', () => {
    const rows = DEMO_USERS.map(({ subject, name, role, tenant }) => [`\`${subject}\``, name, role, tenant]);
    expect(readTable(page, 'Subject')).toEqual(rows);
  });
});
