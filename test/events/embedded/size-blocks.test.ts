import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBus, openEmbeddedBus } from '../../../events/embedded.ts';

const TOPIC = 't.sized';
const MIB = 1_048_576;
const sized = (bytes: number) => ({ key: 'a', value: Buffer.alloc(bytes), headers: {} });

describe('retention by size', () => {
  let path: string;
  let bus: EmbeddedBus;

  async function open(retentionBytes: number): Promise<void> {
    bus = await openEmbeddedBus({ path });
    await bus.ensureTopics([{ name: TOPIC, partitions: 1, retentionMs: 3_600_000, retentionBytes }]);
  }
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'tributary-sized-'));
  });
  afterEach(async () => {
    await bus.close();
    await rm(path, { recursive: true, force: true });
  });
  const start = async (topic = TOPIC) => (await bus.positions([topic], 'earliest'))[0]?.offset ?? Number.NaN;

  it('counts on over a restart, also what no full block holds yet', async () => {
    await open(2 * MIB);
    for (let index = 0; index < 5; index += 1) await bus.publish(TOPIC, [sized(600_000)]);
    await bus.close();
    await open(2 * MIB);
    expect(await bus.trim()).toBe(0);
    for (let index = 0; index < 3; index += 1) await bus.publish(TOPIC, [sized(600_000)]);
    // Blocks of two records each: eight records are four blocks, of which two are enough.
    expect(await bus.trim()).toBe(4);
    await bus.close();
    await open(2 * MIB);
    expect([await start(), await bus.trim()]).toEqual([4, 0]);
  });

  it('keeps dead letters to the bytes of all partitions of their topic', async () => {
    await open(MIB);
    for (let index = 0; index < 4; index += 1) await bus.publish(`${TOPIC}.dlq`, [sized(900_000)]);
    await bus.trim();
    expect(await start(`${TOPIC}.dlq`)).toBe(2);
  });

  it('never keeps less than the limit, nor a block and a record more, whatever the sizes', async () => {
    await open(2 * MIB);
    const sizes: number[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700_000 }), { minLength: 1, maxLength: 8 }), async (more) => {
        await bus.publish(TOPIC, more.map(sized));
        sizes.push(...more);
        await bus.trim();
        const first = await start();
        const kept = sizes.slice(first).reduce((sum, bytes) => sum + bytes, 0);
        // What is counted is what is stored, a little more than the values.
        expect(first === 0 || kept >= 2 * MIB - sizes.length * 100).toBe(true);
        expect(kept).toBeLessThan(3 * MIB + 700_000);
      }),
      { numRuns: 15 },
    );
  });
});
