import { type Config, loadConfig } from '../lib/config.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { openApart } from './apart.ts';
import { createClosing } from './closing.ts';
import { portOf, readCommandLine, wrongUsage } from './command-line.ts';
import { runMain, type Stoppable } from './main.ts';
import { openServices, type Services } from './services.ts';
import { startWebhooks } from './webhooks.ts';
import { WEBHOOKS_PORT } from './webhooks-port.ts';

/** What can run apart from requests. */
const WORKERS = ['sync', 'webhooks'];
const TAKES = 'sync | webhooks [--port N]';

/**
 * `npm run worker -- sync`: the outbox relay and every service's consumers, in a process of its own.
 * `npm run worker -- webhooks`: where vendors post, in a process of its own.
 */
await runMain(async () => {
  const { values, words } = readCommandLine(process.argv.slice(2), {
    command: 'worker',
    takes: TAKES,
    options: { port: { type: 'string' } },
    words: 1,
  });
  const name = words[0] ?? '';
  if (!WORKERS.includes(name)) throw wrongUsage(`Which worker? ${WORKERS.join(', ')}.`, 'worker', TAKES);
  if (values.port !== undefined && name !== 'webhooks') throw wrongUsage(`${name} has no port.`, 'worker', TAKES);
  const config = loadConfig({ ...process.env, PORT: String(WEBHOOKS_PORT), ...portOf(values.port, 'worker', TAKES) });
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const runtime = await openApart(config, logger);
  closing.add(() => runtime.close());
  const services = await openServices(runtime);
  closing.add(() => services.close());
  if (name === 'sync') await startSync(services);
  else closing.add(await startReceiving(services, config, logger, runtime.ready));
  return closing;
});

async function startSync(services: Services): Promise<void> {
  await services.startSync();
  process.stdout.write('The sync worker runs.\n');
}

async function startReceiving(
  services: Services,
  config: Config,
  logger: Logger,
  ready: () => boolean,
): Promise<Stoppable['close']> {
  const { url, close } = await startWebhooks({ receivers: services.receivers, config, logger, ready });
  process.stdout.write(`Webhooks are received: the worker answers at ${url}/webhooks/<vendor>\n`);
  return close;
}
