import { toBoundPort } from '../free-port.ts';
import { startServerProcess } from '../server-process.ts';
import type { Narrator } from './narrator.ts';
import type { OwnProcesses, Stage } from './stage.ts';
import { developmentTokens } from './tokens.ts';

/** Everything in one process, as `npm start` has it. */
export async function onOwnServer(dataDir: string, say: Narrator): Promise<Stage & { readonly own: OwnProcesses }> {
  const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
  say.chapter('A server of its own, in a temporary folder');
  let server = await startServerProcess({ dataDir, port, sandboxPort });
  say.fact(`Ready after ${(server.startedInMs / 1000).toFixed(1)} s, demo data of two tenants loaded.`);
  const own: OwnProcesses = {
    name: 'the server',
    kill: () => server.kill(),
    restart: async () => {
      server = await startServerProcess({ dataDir, port, sandboxPort });
      return server.startedInMs;
    },
    stop: async () => {
      await server.stop();
    },
  };
  const tokenFor = developmentTokens({ dataDir, url: server.url });
  return { url: server.url, sandboxUrl: `http://127.0.0.1:${sandboxPort}`, tokenFor, say, own };
}
