import { readFileSync, writeFileSync } from 'node:fs';
import { readTable, writeRows } from '../../docs/markdown-table.ts';

/** The page with the tables. */
const PAGE = 'docs/store-compatibility.md';

/** A case that fails, and why. */
export interface KnownFailure {
  readonly file: string;
  readonly test: string;
  readonly reason: string;
}

/** What the page says of a suite. */
export interface CompatibilityTable {
  readonly failures: readonly KnownFailure[];
  /** The line that counts, `N pass, N fail, N skip…`. */
  readonly summary: string;
}

const SUMMARY = /^\d+ pass, \d+ fail, \d+ skip/;

interface Page {
  readonly before: string;
  readonly section: string;
  readonly after: string;
}

function readPage(suite: string): Page {
  const page = readFileSync(PAGE, 'utf8');
  const start = page.indexOf(`\n## ${suite}\n`);
  if (start < 0) throw new Error(`${PAGE} has no section ${suite}`);
  const next = page.indexOf('\n## ', start + 1);
  const end = next < 0 ? page.length : next;
  return { before: page.slice(0, start), section: page.slice(start, end), after: page.slice(end) };
}

/** Reads the section of a suite. */
export function readCompatibility(suite: string): CompatibilityTable {
  const { section } = readPage(suite);
  const rows = section.includes('| File |') ? readTable(section, 'File') : [];
  const failures = rows.map(([file = '', test = '', reason = '']) => ({ file, test, reason }));
  const summary = section.split('\n').find((line) => SUMMARY.test(line)) ?? '';
  return { failures, summary };
}

/** The rows as the page should have them. */
export function writeFailures(failures: readonly KnownFailure[]): string {
  const rows = failures.map(({ file, test, reason }) => [file, test, reason]);
  return ['| File | Case | Reason |', '| --- | --- | --- |', writeRows(rows)].join('\n');
}

/** Puts the count and the rows of a suite at the end of its section, in place of those there. */
export function writeCompatibility(suite: string, { summary, failures }: CompatibilityTable): void {
  const { before, section, after } = readPage(suite);
  const prose = section.split('\n').filter((line) => !SUMMARY.test(line) && !line.startsWith('|'));
  const table = failures.length > 0 ? `\n${writeFailures(failures)}\n` : '';
  writeFileSync(PAGE, `${before}${prose.join('\n').trimEnd()}\n\n${summary}\n${table}${after}`);
}

/** The line that counts. `skips` holds the reason of each skipped case. */
export function toSummary(passed: number, failed: number, skips: readonly string[]): string {
  const groups = new Map<string, number>();
  for (const reason of skips) groups.set(reason, (groups.get(reason) ?? 0) + 1);
  const told = [...groups].sort(([, left], [, right]) => right - left).map(([reason, n]) => `${n} ${reason}`);
  return `${passed} pass, ${failed} fail, ${skips.length} skip${told.length > 0 ? `: ${told.join('; ')}` : ''}.`;
}
