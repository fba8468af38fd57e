import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CATALOG, type CatalogTopic, catalogTopics } from '../../events/catalog.ts';
import { requireTopicName } from '../../events/record-limits.ts';
import { incompatibilities, toSnapshot } from '../support/catalog-compatibility.ts';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

describe('the catalog', () => {
  it('breaks nothing it promised, and is committed as it is: `npx vitest -u` takes a change over', async () => {
    const committed = JSON.parse(await read('./catalog.snapshot'));
    // First, so that an update never takes over what breaks a consumer.
    expect(incompatibilities(committed, toSnapshot())).toEqual([]);
    await expect(`${JSON.stringify(toSnapshot(), null, 2)}\n`).toMatchFileSnapshot('./catalog.snapshot');
  });

  it('has topic names that every broker takes', () => {
    for (const { name } of catalogTopics()) expect(() => requireTopicName(name)).not.toThrow();
  });

  it('names every type after its topic', () => {
    for (const [topic, { types }] of Object.entries(CATALOG))
      for (const type of Object.keys(types)) expect(type.slice(0, type.lastIndexOf('.'))).toBe(topic);
  });

  it('is what docs/events.md says', async () => {
    const page = await read('../../docs/events.md');
    const rows = page.split('\n').flatMap((line) => {
      const [, topic, types, data, keptDays, keptMib, partitions, summary] = line.split('|').map((cell) => cell.trim());
      return topic?.startsWith('`') ? [{ topic, types, data, keptDays, keptMib, partitions, summary }] : [];
    });
    expect(rows).toEqual(Object.entries(CATALOG).map(([topic, entry]) => toRow(topic, entry)));
  });
});

/** The row of a topic in docs/events.md. */
function toRow(topic: string, { types, retentionMs, retentionBytes, partitions, summary }: CatalogTopic) {
  const own = ['__typename', 'id', 'type', 'version', 'changed'];
  const fields = Object.values(types).flatMap((schema) => Object.keys(z.toJSONSchema(schema).properties ?? {}));
  const facts = [...new Set(fields)].filter((field) => !own.includes(field));
  return {
    topic: `\`${topic}\``,
    types:
      Object.keys(types)
        .map((type) => `\`${type.slice(topic.length + 1)}\``)
        .join(' ') || '(raw)',
    data: facts.map((field) => `\`${field}\``).join(' ') || '–',
    keptDays: String(retentionMs / 86_400_000),
    keptMib: String(retentionBytes / 1_048_576),
    partitions: String(partitions),
    summary,
  };
}

describe('the comparison of catalogs', () => {
  const payload = (fields: z.ZodRawShape) => z.strictObject({ id: z.string(), ...fields });
  const topic = { partitions: 4, retentionMs: 100, retentionBytes: 100, summary: '' };
  const catalog = (types: CatalogTopic['types'], change: Partial<CatalogTopic> = {}, name = 'crm.deal') =>
    toSnapshot({ [name]: { ...topic, types, ...change } });
  const facts = { stage: z.string(), state: z.enum(['open', 'won']), owner: z.string().nullable() };
  const won = (fields: z.ZodRawShape = {}) => ({ 'crm.deal.won': payload({ ...facts, ...fields }) });
  const before = catalog(won());

  it.each<[string, ReturnType<typeof catalog>]>([
    ['nothing', catalog(won())],
    ['a new type', catalog({ ...won(), 'crm.deal.lost': payload({}) })],
    ['a new optional fact', catalog(won({ region: z.string().optional() }))],
    ['a new topic', { ...before, ...catalog({}, {}, 'crm.lead') }],
    ['keeping more', catalog(won(), { retentionMs: 200, retentionBytes: 200 })],
  ])('allows %s', (_, after) => {
    expect(incompatibilities(before, after)).toEqual([]);
  });

  it.each<[string, ReturnType<typeof catalog>]>([
    ['topic crm.deal is gone', catalog(won(), {}, 'crm.lead')],
    ['topic crm.deal has other partitions: keys would move', catalog(won(), { partitions: 8 })],
    ['topic crm.deal keeps events for a shorter time', catalog(won(), { retentionMs: 99 })],
    ['topic crm.deal keeps fewer bytes', catalog(won(), { retentionBytes: 99 })],
    ['type crm.deal.won is gone', catalog({ 'crm.deal.lost': payload(facts) })],
    [
      'crm.deal.won: field stage is gone',
      catalog({ 'crm.deal.won': payload({ state: facts.state, owner: facts.owner }) }),
    ],
    ['crm.deal.won: field stage has another type', catalog(won({ stage: z.number() }))],
    ['crm.deal.won: field stage has another type', catalog(won({ stage: z.string().min(1) }))],
    ['crm.deal.won: field stage may now be absent', catalog(won({ stage: z.string().optional() }))],
    ['crm.deal.won: field state takes less than old events hold', catalog(won({ state: z.enum(['open']) }))],
    [
      'crm.deal.won: field state takes more than old consumers know',
      catalog(won({ state: z.enum(['open', 'won', 'lost']) })),
    ],
    ['crm.deal.won: field owner takes less than old events hold', catalog(won({ owner: z.string() }))],
    ['crm.deal.won: field stage takes more than old consumers know', catalog(won({ stage: z.string().nullable() }))],
    ['crm.deal.won: field region is now required, old events lack it', catalog(won({ region: z.string() }))],
  ])('says that %s', (sentence, after) => {
    expect(incompatibilities(before, after)).toEqual([sentence]);
  });
});
