import { loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { readCommandLine, wrongUsage } from './command-line.ts';
import { usesStripeSandbox } from './connections.ts';
import { loadDemo } from './demo-data.ts';
import { runMain } from './main.ts';
import { openStripeSandbox } from './sandboxes.ts';
import { WEBHOOKS_PORT } from './webhooks-port.ts';

const TAKES = '[--webhooks URL]';

/** `npm run sandbox`: the vendor sandboxes in a process of their own, which post to `npm run worker -- webhooks`. */
await runMain(async () => {
  const { values } = readCommandLine(process.argv.slice(2), {
    command: 'sandbox',
    takes: TAKES,
    options: { webhooks: { type: 'string' } },
  });
  const config = loadConfig();
  if (!usesStripeSandbox(config))
    throw new AppError('CONFIG_INVALID', 'STRIPE_API_KEY is set: a sandbox would stand beside the real account.', {
      extensions: { variable: 'STRIPE_API_KEY' },
    });
  const gatewayUrl = toOrigin(values.webhooks ?? `http://${config.HOST}:${WEBHOOKS_PORT}`);
  const demo = await loadDemo(config.DATA_DIR);
  const logger = createLogger(config.LOG_LEVEL);
  const sandbox = await openStripeSandbox({ config, dataDir: config.DATA_DIR, gatewayUrl, demo, logger });
  process.stdout.write(`The sandbox of Stripe answers at ${sandbox.url}, its webhooks go to ${gatewayUrl}\n`);
  return sandbox;
});

function toOrigin(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return new URL(text).origin;
  throw wrongUsage('--webhooks must be a URL, for example http://127.0.0.1:4090.', 'sandbox', TAKES);
}
