import { join } from 'node:path';
import type { Bus } from '../events/bus.ts';
import { catalogTopics } from '../events/catalog.ts';
import { openEmbeddedBus } from '../events/embedded.ts';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import { openStore } from '../store/connect.ts';
import type { ConnectionRegistry } from '../subgraphs/kit/connections.ts';
import type { Runtime } from '../subgraphs/kit/service.ts';

/** A runtime before its services are open: they are what knows which records exist. */
export type Ground = Omit<Runtime, 'exists'>;

/** Opens store and bus, each real or embedded as configured, with the catalog's topics in place. */
export async function openRuntime(options: {
  readonly config: Config;
  readonly dataDir: string;
  readonly connections: ConnectionRegistry;
  readonly logger: Logger;
}): Promise<Ground & { close(): Promise<void> }> {
  const { config, dataDir, connections, logger } = options;
  const [store, bus] = await Promise.all([
    openStore({ ...(config.MONGODB_URI ? { uri: config.MONGODB_URI } : {}), dataDir, logger }),
    openBus(config, dataDir, logger),
  ]);
  const close = async () => {
    await bus.close();
    await store.close();
  };
  return { config, store, bus, connections, clock: systemClock, logger, fetch, close };
}

/** Opens the bus as configured; kafkajs is loaded only where Kafka is used. */
export async function openBus(config: Config, dataDir: string, logger: Logger): Promise<Bus> {
  const bus = await openAdapter(config.KAFKA_BROKERS, dataDir, logger);
  await bus.ensureTopics(catalogTopics());
  return bus;
}

async function openAdapter(brokers: string[] | undefined, dataDir: string, logger: Logger): Promise<Bus> {
  if (!brokers) return openEmbeddedBus({ path: join(dataDir, 'bus'), logger });
  const { openKafkaBus } = await import('../events/kafka.ts');
  return openKafkaBus({ brokers, clientId: 'tributary', logger });
}

/** Whether a part of it lives in the data folder, which one process alone may hold. */
export function isEmbedded(config: Config): boolean {
  return !config.MONGODB_URI || !config.KAFKA_BROKERS;
}
