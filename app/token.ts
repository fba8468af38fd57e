import { loadConfig } from '../lib/config.ts';
import { runMain } from './main.ts';
import { printableToken } from './printable-token.ts';

/** `npm run token -- --role R`: an access token of a demo person as the last line; no server need run. */
await runMain(async () => {
  process.stdout.write(`${await printableToken(process.argv.slice(2), loadConfig())}\n`);
  return undefined;
});
