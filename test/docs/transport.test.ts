import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VERDICTS } from '../../gateway/transport/exchange-notes.ts';
import { DEFAULT_TRAFFIC } from '../../gateway/transport/traffic.ts';
import { readTable } from './markdown-table.ts';

const page = readFileSync(new URL('../../docs/transport.md', import.meta.url), 'utf8');

function rowsOf(rules: object, prefix = ''): string[][] {
  return Object.entries(rules).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? rowsOf(value, `${prefix}${name}.`)
      : [[`\`${prefix}${name}\``, String(value)]],
  );
}

describe('docs/transport.md', () => {
  it('has every rule and its default, in their order', () => {
    expect(readTable(page, 'Rule').map(([rule, value]) => [rule, value])).toEqual(rowsOf(DEFAULT_TRAFFIC));
  });

  it('has every verdict, in their order', () => {
    expect(readTable(page, 'Verdict').map(([verdict]) => verdict)).toEqual(VERDICTS.map((verdict) => `\`${verdict}\``));
  });
});
