import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFrozenClock } from '../../../lib/clock.ts';
import { toIndexDefinition } from '../../../store/embedded/catalog/index-spec.ts';
import { writeDocument } from '../../../store/embedded/collection/document-writer.ts';
import { toRecordKey } from '../../../store/embedded/collection/record-key.ts';
import { Engine } from '../../../store/embedded/engine/engine.ts';
import { expireDocuments } from '../../../store/embedded/engine/expire-documents.ts';
import { expireSessions } from '../../../store/embedded/engine/expire-sessions.ts';
import { readRecord, writeRecord } from '../../../store/embedded/engine/session-records.ts';
import { find } from '../../../store/embedded/query/find.ts';
import { PAUSE } from '../../../store/embedded/query/scan.ts';
import { encode } from '../../../store/embedded/value/codec.ts';

let folder = '';
let engine: Engine;
const clock = createFrozenClock(1_000_000_000);
const onFailure = (error: unknown) => {
  throw error;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-expire-'));
  engine = new Engine({ file: join(folder, 'data.mdb'), clock, onFailure });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

function idsOf(namespace: string): unknown[] {
  const collection = engine.catalog.find(namespace)!;
  const found = [...find(engine.disk, collection, { filter: {} }).documents].filter((it) => it !== PAUSE);
  return found.map(({ document }) => document['_id']);
}

/** 500 documents a second apart, all but one with a date, under a TTL index of a minute. */
async function fill(options: object): Promise<void> {
  const unit = engine.begin();
  engine.catalog.create(unit.overlay, 'test.rows');
  const spec = { key: { at: 1 }, name: 'at_1', expireAfterSeconds: 60, ...options };
  const index = { ...toIndexDefinition(spec, engine.catalog.newStoreId(unit.overlay)), ready: true };
  engine.catalog.putIndex(unit.overlay, 'test.rows', index);
  for (let n = 0; n < 500; n += 1) {
    const document = { _id: n, done: n % 2 === 0, ...(n === 7 ? {} : { at: new Date(clock.now() + n * 1000) }) };
    const stored = { recordKey: toRecordKey(n), bytes: encode(document), document };
    writeDocument(unit.overlay, engine.catalog.find('test.rows')!, null, stored, () => undefined);
  }
  await engine.commit(unit);
}
const from = (first: number) => Array.from({ length: 500 - first }, (_, at) => at + first);

it('removes documents once their time in a TTL index is past', async () => {
  await fill({});
  clock.advance(460_500);
  await expireDocuments(engine);
  expect(idsOf('test.rows')).toEqual([7, ...from(401)]);
});

it('removes only what a partial TTL index covers', async () => {
  await fill({ partialFilterExpression: { done: true } });
  clock.advance(460_500);
  await expireDocuments(engine);
  expect(idsOf('test.rows')).toEqual([...Array.from({ length: 200 }, (_, at) => at * 2 + 1), ...from(401)]);
});

it('forgets the last write of a session after an hour', async () => {
  const unit = engine.begin();
  const record = { txnNumber: 1, reply: {}, isTransaction: false, at: new Date(clock.now()) };
  writeRecord(unit.overlay, 'old', record);
  writeRecord(unit.overlay, 'new', { ...record, at: new Date(clock.now() + 1_800_000) });
  await engine.commit(unit);
  clock.advance(3_600_001);
  await expireSessions(engine);
  expect([readRecord(engine.disk, 'old'), readRecord(engine.disk, 'new')?.txnNumber]).toEqual([null, 1]);
});
