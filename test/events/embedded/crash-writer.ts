import { writeSync } from 'node:fs';
import { openEmbeddedBus } from '../../../events/embedded.ts';

/**
 * A process to be killed: publishes numbered records under each key without a pause, reads them as a group, and says
 * on standard output what was acknowledged (`+ key number`) and what was handled (`= key number`).
 */
const [path = '', topic = '', ...keys] = process.argv.slice(2);
const bus = await openEmbeddedBus({ path });
await bus.ensureTopics([{ name: topic, partitions: 4, retentionMs: 3_600_000 }]);

/** The highest number each key has in the log: where the process before left off, acknowledged or not. */
async function lastNumbers(): Promise<Map<string, number>> {
  const last = new Map(keys.map((key) => [key, 0]));
  const ends = await bus.positions([topic], 'latest');
  const missing = new Set(ends.filter(({ offset }) => offset > 0).map(({ partition }) => partition));
  if (missing.size === 0) return last;
  await new Promise<void>((resolve, reject) => {
    const onRecord = ({
      key,
      value,
      partition,
      offset,
    }: {
      key: string;
      value: Uint8Array;
      partition: number;
      offset: number;
    }) => {
      last.set(key, Math.max(last.get(key) ?? 0, Number(Buffer.from(value).toString())));
      if (ends.some((end) => end.partition === partition && end.offset === offset + 1)) missing.delete(partition);
      if (missing.size === 0) resolve();
    };
    bus
      .positions([topic], 'earliest')
      .then((from) => bus.tail({ topics: [topic], from, onRecord }))
      .catch(reject);
  });
  return last;
}

const last = await lastNumbers();
await bus.consume({
  group: 'survivors',
  topics: [topic],
  handler: async ({ key, value }) => void writeSync(1, `= ${key} ${Buffer.from(value).toString()}\n`),
});
writeSync(1, 'ready\n');
await Promise.all(
  keys.map(async (key) => {
    for (let number = (last.get(key) ?? 0) + 1; ; number += 1) {
      await bus.publish(topic, [{ key, value: Buffer.from(String(number)), headers: {} }]);
      writeSync(1, `+ ${key} ${number}\n`);
    }
  }),
);
