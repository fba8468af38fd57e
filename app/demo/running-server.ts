import { loadConfig } from '../../lib/config.ts';
import { AppError } from '../../lib/errors.ts';
import { ask } from './graph-client.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';
import { developmentTokens, findDevelopmentProvider } from './tokens.ts';

/** A server somebody else started, with the key of our `DATA_DIR`. AppError UNAUTHENTICATED when it takes no such token. */
export async function onRunningServer(url: string, sandboxUrl: string, say: Narrator): Promise<Stage> {
  const { DATA_DIR: dataDir } = loadConfig();
  const tokenFor = developmentTokens({ dataDir, url: await findDevelopmentProvider(url) });
  const { errors } = await ask(url, await tokenFor('sales'), '{ viewer { tenant } }');
  if (errors)
    throw new AppError(
      'UNAUTHENTICATED',
      `The server at ${url} takes no token signed with the key in ${dataDir}: give the demo the server's DATA_DIR.`,
    );
  return { url, sandboxUrl, tokenFor, say, own: null };
}
