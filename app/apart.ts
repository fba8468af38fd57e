import type { Config } from '../lib/config.ts';
import { openDataDir } from '../lib/data-dir.ts';
import type { Logger } from '../lib/logger.ts';
import { toConnections, usesStripeSandbox } from './connections.ts';
import { isEmbedded, type OwnGround, openRuntime } from './runtime.ts';
import { toSandboxConnections } from './sandboxes.ts';

/**
 * A runtime for a process that is a part of Tributary. Parts share a MongoDB and a Kafka; a part on embedded ones holds
 * the data folder alone. The sandbox, if used, is the one that `npm start` runs.
 */
export async function openApart(config: Config, logger: Logger): Promise<OwnGround> {
  const dataDir = isEmbedded(config) ? await openDataDir({ path: config.DATA_DIR }) : null;
  const sandbox = usesStripeSandbox(config) ? toSandboxConnections(`http://${config.HOST}:${config.SANDBOX_PORT}`) : [];
  const runtime = await openRuntime({
    config,
    dataDir: config.DATA_DIR,
    connections: toConnections(config, sandbox),
    logger,
  });
  const close = async () => {
    await runtime.close();
    await dataDir?.close();
  };
  return { ...runtime, close };
}
