import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireIntactFile } from '../../../events/embedded/intact-file.ts';
import { openEmbeddedBus } from '../../../events/embedded.ts';

/** Size of lmdb's pages where these tests run, and how much of a file is its two meta pages. */
const PAGE = 4_096;
const META = 2 * PAGE;

describe('opening the log', () => {
  let path: string;
  let file: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'tributary-log-'));
    file = join(path, 'log.mdb');
    const bus = await openEmbeddedBus({ path });
    await bus.ensureTopics([{ name: 't.a', partitions: 1, retentionMs: 1_000 }]);
    for (let round = 0; round < 20; round += 1)
      await bus.publish(
        't.a',
        Array.from({ length: 50 }, (_, index) => ({ key: 'a', value: Buffer.alloc(500, index), headers: {} })),
      );
    await bus.close();
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['is something else', () => Buffer.alloc(20_000, 'x')],
    ['is shorter than a page', (bytes) => bytes.subarray(0, 100)],
    ['was cut in the middle', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['lost its first meta page', (bytes) => Buffer.concat([Buffer.alloc(PAGE), bytes.subarray(PAGE)])],
    ['lost both meta pages', (bytes) => Buffer.concat([Buffer.alloc(META), bytes.subarray(META)])],
    [
      'has nothing but meta pages',
      (bytes) => Buffer.concat([bytes.subarray(0, META), Buffer.alloc(bytes.length - META)]),
    ],
  ])('answers DATA_CORRUPT, the process living, when the file %s', async (_, damage) => {
    await writeFile(file, damage(await readFile(file)));
    await expect(openEmbeddedBus({ path })).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });

  it('takes a file that only lacks unused pages at its end', async () => {
    const bytes = await readFile(file);
    const lastPageAt = 144;
    for (const meta of [0, PAGE])
      bytes.writeBigUInt64LE(bytes.readBigUInt64LE(meta + lastPageAt) + 3n, meta + lastPageAt);
    await writeFile(file, bytes);
    expect(() => requireIntactFile(file)).not.toThrow();
  });

  it('takes an empty file, as a crash before the first write leaves one', async () => {
    await truncate(file, 0);
    const bus = await openEmbeddedBus({ path });
    await expect(bus.publish('t.a', [])).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    await bus.close();
  });

  it('refuses another layout', async () => {
    const root = open({ path: file, noSubdir: true, maxDbs: 2 });
    await root.openDB({ name: 'facts', encoding: 'json' }).put(['layout'], 99);
    await root.close();
    await expect(openEmbeddedBus({ path })).rejects.toMatchObject({ code: 'DATA_DIR_VERSION' });
  });

  it('says so when the folder cannot be made', async () => {
    await expect(openEmbeddedBus({ path: join(file, 'below') })).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
  });
});
