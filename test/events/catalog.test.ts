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
      const [, topic, types, data, keptDays, partitions, summary] = line.split('|').map((cell) => cell.trim());
      return topic?.startsWith('`') ? [{ topic, types, data, keptDays, partitions, summary }] : [];
    });
    expect(rows).toEqual(Object.entries(CATALOG).map(([topic, entry]) => toRow(topic, entry)));
  });
});

/** The row of a topic in docs/events.md. */
function toRow(topic: string, { types, retentionMs, partitions, summary }: CatalogTopic) {
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
    partitions: String(partitions),
    summary,
  };
}

describe('the comparison of catalogs', () => {
  const payload = (fields: z.ZodRawShape) => z.strictObject({ id: z.string(), ...fields });
  const catalog = (types: CatalogTopic['types'], partitions = 4, topic = 'crm.deal') =>
    toSnapshot({ [topic]: { partitions, retentionMs: 1, summary: '', types } });
  const before = catalog({ 'crm.deal.won': payload({ stage: z.string() }) });

  it.each<[string, ReturnType<typeof catalog>]>([
    ['a new type', catalog({ 'crm.deal.won': payload({ stage: z.string() }), 'crm.deal.lost': payload({}) })],
    ['a new optional field', catalog({ 'crm.deal.won': payload({ stage: z.string(), owner: z.string().optional() }) })],
    ['a new topic', { ...before, ...catalog({}, 4, 'crm.lead') }],
  ])('allows %s', (_, after) => {
    expect(incompatibilities(before, after)).toEqual([]);
  });

  it.each<[string, ReturnType<typeof catalog>]>([
    ['topic crm.deal is gone', catalog({}, 4, 'crm.lead')],
    [
      'topic crm.deal has other partitions: keys would move',
      catalog({ 'crm.deal.won': payload({ stage: z.string() }) }, 8),
    ],
    ['type crm.deal.won is gone', catalog({ 'crm.deal.lost': payload({}) })],
    ['crm.deal.won: field stage is gone', catalog({ 'crm.deal.won': payload({}) })],
    ['crm.deal.won: field stage has another type', catalog({ 'crm.deal.won': payload({ stage: z.number() }) })],
    [
      'crm.deal.won: field stage may now be absent',
      catalog({ 'crm.deal.won': payload({ stage: z.string().optional() }) }),
    ],
    [
      'crm.deal.won: field owner is now required, old events lack it',
      catalog({ 'crm.deal.won': payload({ stage: z.string(), owner: z.string() }) }),
    ],
  ])('says that %s', (sentence, after) => {
    expect(incompatibilities(before, after)).toEqual([sentence]);
  });
});
