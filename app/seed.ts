import { loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { openApart } from './apart.ts';
import { readCommandLine } from './command-line.ts';
import { usesStripeSandbox } from './connections.ts';
import { loadDemo } from './demo-data.ts';
import { runMain } from './main.ts';
import { seedDemo } from './seed-demo.ts';

/** `npm run seed`: loads the demo data into the store, once. `npm start` does so by itself where the store is embedded. */
await runMain(async () => {
  readCommandLine(process.argv.slice(2), { command: 'seed', takes: '', options: {} });
  const config = loadConfig();
  if (!usesStripeSandbox(config))
    throw new AppError('CONFIG_INVALID', 'STRIPE_API_KEY is set: the demo data goes with the sandbox alone.', {
      extensions: { variable: 'STRIPE_API_KEY' },
    });
  const runtime = await openApart(config, createLogger(config.LOG_LEVEL));
  try {
    const loaded = await seedDemo(runtime, await loadDemo(config.DATA_DIR));
    process.stdout.write(loaded ? 'The demo data was loaded.\n' : 'The demo data is there already.\n');
  } finally {
    await runtime.close();
  }
  return undefined;
});
