import { join } from 'node:path';
import { loadConfig } from '../lib/config.ts';
import { openDataDir } from '../lib/data-dir.ts';
import { createLogger } from '../lib/logger.ts';
import { startEmbedded } from '../store/embedded/start-embedded.ts';
import { createClosing } from './closing.ts';
import { readCommandLine } from './command-line.ts';
import { runMain } from './main.ts';

/**
 * `npm run store`: the embedded store of the data folder for several processes of this machine and this user, which take
 * the printed line as their `MONGODB_URI`. For development: one file, one machine, no replica. Production has MongoDB.
 */
await runMain(async () => {
  readCommandLine(process.argv.slice(2), { command: 'store', takes: '', options: {} });
  const config = loadConfig();
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const dataDir = await openDataDir({ path: config.DATA_DIR });
  closing.add(() => dataDir.close());
  const store = await startEmbedded({ folder: join(dataDir.path, 'store'), logger });
  closing.add(() => store.close());
  process.stdout.write(`The store answers at\nMONGODB_URI=${store.uri}\n`);
  return closing;
});
