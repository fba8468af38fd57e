import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS } from '../../gateway/insight/metrics/definitions.ts';
import { SPANS } from '../../gateway/insight/tracing/definitions.ts';
import { readTable, writeRows } from './markdown-table.ts';

const page = readFileSync(new URL('../../docs/insight.md', import.meta.url), 'utf8');
const listed = (names: readonly string[]) => (names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', '));

it('docs/insight.md has the metrics of gateway/insight, in their order', () => {
  const rows = Object.entries(METRICS).map(([name, { kind, unit, labels, about }]) => [
    `\`${name}\``,
    kind,
    `\`${unit}\``,
    listed(labels),
    about,
  ]);
  expect(writeRows(readTable(page, 'Metric'))).toBe(writeRows(rows));
});

it('docs/insight.md has the spans of gateway/insight, in their order', () => {
  const rows = Object.values(SPANS).map(({ name, kind, attributes, about }) => [
    `\`${name}\``,
    kind,
    listed(attributes),
    about,
  ]);
  expect(writeRows(readTable(page, 'Span'))).toBe(writeRows(rows));
});
