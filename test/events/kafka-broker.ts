import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Authority, createAuthority, type Issued } from '../support/certificates.ts';
import { until } from '../support/until.ts';

const SCRIPT = fileURLToPath(new URL('../../.ci/kafka.sh', import.meta.url));
/** Jars stay here from run to run. */
const LIBS = fileURLToPath(new URL('../../node_modules/.cache/kafka-4.1.0', import.meta.url));
/** Ports that the script takes from its first one on. */
const PORTS = 5;
const DAY_MS = 24 * 3_600_000;

/** A real broker in a folder of its own, and the authority that vouches for it. */
export interface KafkaBroker {
  /** `host:port` of each of its listeners. */
  readonly at: Readonly<Record<'plain' | 'mutual' | 'sasl' | 'expired', string>>;
  readonly authority: Authority;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and ports. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** What is missing to start a broker here, or null. */
export function missingForKafka(): string | null {
  const missing = ['java', 'mvn'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  return missing.length > 0 ? `${missing.join(' and ')} not found` : null;
}

/** Starts a broker of `.ci/kafka.sh`; the first time on a machine it takes the jars from Maven Central. */
export async function startKafkaBroker(): Promise<KafkaBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kafka-'));
  const authority = await createAuthority();
  await writeTls(join(folder, 'tls'), authority);
  const port = await freePorts();
  let script = await runScript({ folder, port, keep: false });
  const address = (offset: number) => `127.0.0.1:${port + offset}`;
  return {
    at: { plain: address(0), mutual: address(2), sasl: address(3), expired: address(4) },
    authority,
    kill: async () => {
      const ended = once(script, 'close');
      process.kill(Number(await readFile(join(folder, 'broker.pid'), 'utf8')), 'SIGKILL');
      await ended;
    },
    restart: async () => {
      script = await runScript({ folder, port, keep: true });
    },
    stop: async () => {
      if (script.exitCode === null) {
        const ended = once(script, 'close');
        script.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeTls(folder: string, authority: Authority): Promise<void> {
  await mkdir(folder);
  const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  const store = ({ key, cert }: Issued) => `${key}${cert}`;
  const expired = { from: Date.now() - 3 * DAY_MS, to: Date.now() - 2 * DAY_MS };
  await write('ca.pem', authority.cert);
  await write('server.pem', store(await authority.issue()));
  await write('expired.pem', store(await authority.issue(expired)));
}

async function runScript({
  folder,
  port,
  keep,
}: {
  folder: string;
  port: number;
  keep: boolean;
}): Promise<ChildProcess> {
  const env = { ...process.env, STOP_AT_EOF: '1', ...(keep && { KEEP: '1' }) };
  const script = spawn('bash', [SCRIPT, folder, String(port), LIBS], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: script.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value !== `ready 127.0.0.1:${port}`) throw new Error(`The broker did not start: ${value ?? 'it ended'}.`);
  await until('the broker takes connections', () => canConnect(port));
  return script;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** The first of so many ports in a row that nobody uses. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = 21_000 + Math.floor(Math.random() * 10_000);
    const all = Array.from({ length: PORTS }, (_, index) => isFree(first + index));
    if ((await Promise.all(all)).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
