import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type GraphAnswer } from '../../app/demo/graph-client.ts';
import { developmentTokens } from '../../app/demo/tokens.ts';
import { toBoundPort } from '../../app/free-port.ts';
import { type ServerProcess, startServerProcess } from '../../app/server-process.ts';

/** A server process on a data folder and ports of its own, as a user starts it, that can be killed and started again. */
export interface OwnServer {
  readonly url: string;
  readonly dataDir: string;
  readonly sandboxPort: number;
  /** The running process. */
  process(): ServerProcess;
  /** Starts again on the same data, after a kill or a stop. */
  restart(env?: Record<string, string>): Promise<ServerProcess>;
  token(role: string, tenant?: string): Promise<string>;
  ask(role: string, query: string, variables?: object, tenant?: string): Promise<GraphAnswer>;
  /** Ends the process and removes the data. */
  close(): Promise<void>;
}

/** Starts one, by this Node unless told another; the first start loads the demo data. */
export async function startOwnServer(env: Record<string, string> = {}, node = process.execPath): Promise<OwnServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-e2e-'));
  const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
  let running = await startServerProcess({ dataDir, port, sandboxPort, env, node });
  const token = developmentTokens({ dataDir, url: running.url });
  return {
    url: running.url,
    dataDir,
    sandboxPort,
    process: () => running,
    restart: async (other = env) => {
      running = await startServerProcess({ dataDir, port, sandboxPort, env: other, node });
      return running;
    },
    token,
    ask: async (role, query, variables = {}, tenant = 'acme') =>
      ask(running.url, await token(role, tenant), query, variables),
    close: async () => {
      await running.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
