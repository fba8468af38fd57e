import { loadConfig } from '../../lib/config.ts';
import { AppError } from '../../lib/errors.ts';
import { type EntryProcess, startEntry } from '../entry-process.ts';
import { toBoundPort } from '../free-port.ts';
import { hasBroker } from '../open-bus.ts';
import { serviceNames } from '../services.ts';
import type { Narrator } from './narrator.ts';
import type { OwnProcesses, Stage } from './stage.ts';
import { developmentTokens } from './tokens.ts';

const HOST = '127.0.0.1';
const READY = /answers at|runs\./;

/** The ports of one telling. */
interface Ports {
  readonly gateway: number;
  readonly sandbox: number;
  readonly webhooks: number;
  readonly subgraphs: Readonly<Record<string, number>>;
}

/**
 * Every part in a process of its own: store, sandbox, a process per subgraph, the two workers and the gateway, over the
 * broker of the environment. AppError CONFIG_INVALID when none is set.
 */
export async function onProcessesApart(
  dataDir: string,
  say: Narrator,
): Promise<Stage & { readonly own: OwnProcesses }> {
  if (!hasBroker(loadConfig()))
    throw new AppError(
      'CONFIG_INVALID',
      'KAFKA_BROKERS or RABBITMQ_URL must be set: processes apart share events over a broker.',
      {
        extensions: { variable: 'KAFKA_BROKERS' },
      },
    );
  say.chapter('Each part in a process of its own, in a temporary folder');
  const ports = await choosePorts();
  const began = performance.now();
  const sandbox = await startSandbox(dataDir, ports);
  let processes = await startAll(dataDir, ports, { seed: true }).catch(async (error) => {
    await sandbox.end('SIGTERM');
    throw error;
  });
  say.fact(
    `${processes.length + 1} processes ready after ${seconds(performance.now() - began)} s, demo data of two tenants loaded.`,
  );
  const endAll = async (signal: 'SIGTERM' | 'SIGKILL') => {
    // In the reverse order of their start, so that nobody misses what it stands on.
    const ending = signal === 'SIGKILL' ? [processes] : [...processes].reverse().map((one) => [one]);
    for (const some of ending) await Promise.all(some.map((one) => one.end(signal)));
  };
  const own: OwnProcesses = {
    name: 'the store, the subgraphs, the workers and the gateway',
    kill: () => endAll('SIGKILL'),
    restart: async () => {
      const start = performance.now();
      processes = await startAll(dataDir, ports, { seed: false });
      return performance.now() - start;
    },
    stop: async () => {
      await endAll('SIGTERM');
      await sandbox.end('SIGTERM');
    },
  };
  const url = `http://${HOST}:${ports.gateway}`;
  return {
    url,
    sandboxUrl: `http://${HOST}:${ports.sandbox}`,
    tokenFor: developmentTokens({ dataDir, url }),
    say,
    own,
  };
}

async function choosePorts(): Promise<Ports> {
  const free = () => toBoundPort(0, HOST);
  const subgraphs: Record<string, number> = {};
  for (const name of serviceNames()) subgraphs[name] = await free();
  return { gateway: await free(), sandbox: await free(), webhooks: await free(), subgraphs };
}

function startSandbox(dataDir: string, ports: Ports): Promise<EntryProcess> {
  const env = { DATA_DIR: dataDir, SANDBOX_PORT: String(ports.sandbox) };
  return startEntry({
    entry: 'sandbox.ts',
    args: ['--webhooks', `http://${HOST}:${ports.webhooks}`],
    env,
    says: READY,
  });
}

/** What of ours runs: the store first, then, side by side, all that stands on it. Ends what it started when one does not come up. */
async function startAll(dataDir: string, ports: Ports, { seed }: { seed: boolean }): Promise<EntryProcess[]> {
  const store = await startEntry({ entry: 'store.ts', env: { DATA_DIR: dataDir }, says: /MONGODB_URI=\S+\n/ });
  const env = sharedEnv(dataDir, ports, store);
  if (seed) await startEntry({ entry: 'seed.ts', env, says: /demo data/ }).then((one) => one.end('SIGTERM'));
  const parts = [
    ...Object.entries(ports.subgraphs).map(([name, port]) => ['subgraph.ts', name, '--port', String(port)]),
    ['worker.ts', 'sync'],
    ['worker.ts', 'webhooks', '--port', String(ports.webhooks)],
    ['gateway.ts', '--port', String(ports.gateway)],
  ];
  const outcomes = await Promise.allSettled(
    parts.map(([entry = '', ...args]) => startEntry({ entry, args, env, says: READY })),
  );
  const started = [store, ...outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))];
  const failed = outcomes.find((one) => one.status === 'rejected');
  if (!failed) return started;
  await Promise.all(started.map((one) => one.end('SIGKILL')));
  throw failed.reason;
}

function sharedEnv(dataDir: string, ports: Ports, store: EntryProcess): Record<string, string> {
  const urls = Object.entries(ports.subgraphs).map(([name, port]) => `${name}=http://${HOST}:${port}/graphql`);
  return {
    DATA_DIR: dataDir,
    MONGODB_URI: /MONGODB_URI=(\S+)\n/.exec(store.output())?.[1] ?? '',
    SANDBOX_PORT: String(ports.sandbox),
    SUBGRAPH_URLS: urls.join(','),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
