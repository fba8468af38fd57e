import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TopicSpec } from '../../events/bus.ts';
import { catalogTopics } from '../../events/catalog.ts';
import { type EmbeddedBus, type EmbeddedBusOptions, openEmbeddedBus } from '../../events/embedded.ts';

/** An embedded bus in a folder of its own, with the catalog's topics (or these); closing it removes the folder. */
export async function openTestBus(
  topics: readonly TopicSpec[] = catalogTopics(),
  options: Partial<EmbeddedBusOptions> = {},
): Promise<EmbeddedBus & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tributary-bus-'));
  const bus = await openEmbeddedBus({ path, ...options });
  await bus.ensureTopics(topics);
  return {
    path,
    ensureTopics: (specs) => bus.ensureTopics(specs),
    publish: (topic, records) => bus.publish(topic, records),
    consume: (consume) => bus.consume(consume),
    tail: (tail) => bus.tail(tail),
    positions: (names, at) => bus.positions(names, at),
    reset: (group, positions) => bus.reset(group, positions),
    lag: (group, names) => bus.lag(group, names),
    trim: () => bus.trim(),
    close: async () => {
      await bus.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
