import { loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { openApart } from './apart.ts';
import { createClosing } from './closing.ts';
import { runMain } from './main.ts';
import { openServices } from './services.ts';

/** What can run apart from requests. */
const WORKERS = ['sync'];

/** `npm run worker -- sync`: the outbox relay and every service's consumers, in a process of its own. */
await runMain(async () => {
  const name = process.argv[2] ?? '';
  if (!WORKERS.includes(name)) throw new AppError('BAD_USER_INPUT', `Which worker? ${WORKERS.join(', ')}`);
  const config = loadConfig();
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const runtime = await openApart(config, logger);
  closing.add(() => runtime.close());
  const services = await openServices(runtime);
  closing.add(() => services.close());
  await services.startSync();
  process.stdout.write('The sync worker runs.\n');
  return closing;
});
