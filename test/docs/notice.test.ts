import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly license?: string;
  readonly dev?: boolean;
}

const notice = readFileSync('NOTICE', 'utf8').replace(/\s+/g, ' ');
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const locked = Object.entries(packages).flatMap(([path, { license, dev = false }]) =>
  path === '' ? [] : [{ name: path.replace(/^.*node_modules\//, ''), license: license ?? null, dev }],
);

/** Under these, a package may be used as NOTICE says. */
const OPEN =
  /^\(?(MIT|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0)( (AND|OR) (MIT|Apache-2\.0|BSD-3-Clause)\)?)?$/;
/** Read in the package: older than the field, or with a list of licences in its place. */
const MIT_BY_TEXT = /^(only|compute-gcd|compute-lcm|validate\.io-(function|integer|integer-array|number))$/;

describe('NOTICE', () => {
  it('names each package under the Elastic License, and no other', () => {
    const elastic = locked.filter(({ license }) => license === 'Elastic-2.0').map(({ name }) => name);
    const named = notice.match(/@apollo\/[a-z-]+/g) ?? [];
    expect([...new Set(named)].sort()).toEqual([...new Set(elastic)].sort());
  });

  it('says under which licences the rest is, what only serves development apart', () => {
    const others = locked.filter(
      ({ name, license }) => license !== 'Elastic-2.0' && !OPEN.test(license ?? '') && !MIT_BY_TEXT.test(name),
    );
    expect(others.filter(({ dev }) => !dev)).toEqual([]);
    expect([...new Set(others.map(({ license }) => license))].sort()).toEqual(['CC0-1.0', 'MPL-2.0']);
    expect(notice).toContain('MIT, ISC, BSD (0BSD, 2-Clause, 3-Clause), Apache-2.0 or BlueOak-1.0.0');
    expect(notice).toContain('for development only, MPL-2.0 and CC0-1.0');
  });
});
