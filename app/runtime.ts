import mongoose from 'mongoose';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import { openStore } from '../store/connect.ts';
import type { ConnectionRegistry } from '../subgraphs/kit/connections.ts';
import type { Runtime } from '../subgraphs/kit/service.ts';
import { hasBroker, openBus } from './open-bus.ts';

/** A runtime before its services are open: they are what knows which records exist. */
export type Ground = Omit<Runtime, 'exists'>;

/** A ground of one's own. */
export interface OwnGround extends Ground {
  /** Whether the store answers: without it nothing can be done. */
  ready(): boolean;
  close(): Promise<void>;
}

/** Opens store and bus, each real or embedded as configured, with the catalog's topics in place. */
export async function openRuntime(options: {
  readonly config: Config;
  readonly dataDir: string;
  readonly connections: ConnectionRegistry;
  readonly logger: Logger;
}): Promise<OwnGround> {
  const { config, dataDir, connections, logger } = options;
  const [store, bus] = await Promise.all([
    openStore({ ...(config.MONGODB_URI ? { uri: config.MONGODB_URI } : {}), dataDir, logger }),
    openBus(config, dataDir, logger),
  ]);
  const close = async () => {
    await bus.close();
    await store.close();
  };
  const ready = () => store.connection.readyState === mongoose.ConnectionStates.connected;
  return { config, store, bus, connections, clock: systemClock, logger, fetch, ready, close };
}

/** Whether a part of it lives in the data folder, which one process alone may hold. */
export function isEmbedded(config: Config): boolean {
  return !config.MONGODB_URI || !hasBroker(config);
}
