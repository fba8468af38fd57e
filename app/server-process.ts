import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppError } from '../lib/errors.ts';
import { ownOrigin } from '../lib/own-origin.ts';

/** A Tributary server in a process of its own: what the demo and the crash tests start and kill. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process until it was ready. */
  readonly startedInMs: number;
  /** What it has written so far, both streams. */
  output(): string;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until it is gone; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `npm start` as a child on these ports and this data folder; resolves once `/health/ready` says so. */
export async function startServerProcess(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly sandboxPort: number;
  /** With `TLS_CERT` it is reached over https, by the fetch of this process: that must trust the certificate. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program that runs it. @default the running Node */
  readonly node?: string;
  /** @default 60 000 */
  readonly timeoutMs?: number;
}): Promise<ServerProcess> {
  const { dataDir, port, sandboxPort, env = {}, node, timeoutMs = 60_000 } = options;
  const started = Date.now();
  const settings = { ...env, DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(sandboxPort) };
  const child = spawnEntry('start.ts', settings, [], node);
  const output = collectOutput(child);
  const url = ownOrigin({ HOST: '127.0.0.1', PORT: port, TLS_CERT: env['TLS_CERT'] });
  await untilReady(child, url, started + timeoutMs, output);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  return {
    url,
    pid: child.pid ?? 0,
    startedInMs: Date.now() - started,
    output,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

/** Runs an entry point of this folder as a child, by `node`, from source or from the build alike. */
export function spawnEntry(
  entry: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  node: string = process.execPath,
): ChildProcess {
  const built = import.meta.url.endsWith('.js');
  const path = fileURLToPath(new URL(built ? entry.replace(/\.ts$/, '.js') : entry, import.meta.url));
  const loader = built ? [] : ['--import', 'tsx'];
  return spawn(node, [...loader, path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function collectOutput(child: ChildProcess): () => string {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

async function untilReady(child: ChildProcess, url: string, deadline: number, output: () => string): Promise<void> {
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new AppError('INTERNAL', `The server did not become ready. It said:\n${output()}`);
}
