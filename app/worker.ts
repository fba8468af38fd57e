import { loadConfig } from '../lib/config.ts';
import { createLogger } from '../lib/logger.ts';
import { openApart } from './apart.ts';
import { createClosing } from './closing.ts';
import { readCommandLine, wrongUsage } from './command-line.ts';
import { runMain } from './main.ts';
import { openServices } from './services.ts';

/** What can run apart from requests. */
const WORKERS = ['sync'];

/** `npm run worker -- sync`: the outbox relay and every service's consumers, in a process of its own. */
await runMain(async () => {
  const takes = `<${WORKERS.join('|')}>`;
  const { words } = readCommandLine(process.argv.slice(2), { command: 'worker', takes, options: {}, words: 1 });
  if (!WORKERS.includes(words[0] ?? '')) throw wrongUsage(`Which worker? ${WORKERS.join(', ')}.`, 'worker', takes);
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
