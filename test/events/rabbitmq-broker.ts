import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Authority, createAuthority } from '../support/certificates.ts';

const SCRIPT = fileURLToPath(new URL('../../.ci/rabbitmq.sh', import.meta.url));
/** Ports that the script takes from its first one on. */
const PORTS = 4;
const USER = 'tributary';
const PASSWORD = 'correct-horse';

/** A real broker in a folder of its own, and the authority that vouches for it. */
export interface RabbitmqBroker {
  /** With the right user and password. */
  readonly url: string;
  readonly tlsUrl: string;
  readonly wrongUrl: string;
  readonly authority: Authority;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Has the broker stand still, and go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Runs the broker's own tool; answers what it prints. */
  control(...words: string[]): string;
  /** Starts it again on the same data and ports. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** What is missing to start a broker here, or null. */
export function missingForRabbitmq(): string | null {
  return existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server') ? null : 'rabbitmq-server not found';
}

/** Starts a broker of `.ci/rabbitmq.sh`. */
export async function startRabbitmqBroker(): Promise<RabbitmqBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-rabbitmq-'));
  const authority = await createAuthority();
  const { cert, key } = await authority.issue();
  for (const [name, text] of Object.entries({ cert, key, ca: authority.cert }))
    await writeFile(join(folder, `${name}.pem`), text, { mode: 0o600 });
  const port = await freePorts();
  const pem = ['cert', 'key', 'ca'].map((name) => join(folder, `${name}.pem`));
  const options = ['--user', `${USER}:${PASSWORD}`, '--tls', ...pem];
  let script = await runScript([folder, String(port), ...options]);
  const broker = async () => Number(await readFile(join(folder, 'broker.pid'), 'utf8'));
  const at = (host: string, password = PASSWORD) => `://${USER}:${password}@${host}`;
  return {
    url: `amqp${at(`127.0.0.1:${port}`)}`,
    tlsUrl: `amqps${at(`127.0.0.1:${port + 3}`)}`,
    wrongUrl: `amqp${at(`127.0.0.1:${port}`, 'wrong')}`,
    authority,
    kill: async () => {
      const ended = once(script, 'close');
      process.kill(await broker(), 'SIGKILL');
      await ended;
    },
    signal: async (name) => {
      process.kill(await broker(), name);
    },
    control: (...words) => control({ folder, port }, words),
    restart: async () => {
      script = await runScript([folder, String(port), '--keep', ...options]);
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

async function runScript(words: readonly string[]): Promise<ChildProcess> {
  const script = spawn('bash', [SCRIPT, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: script.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (!String(value).startsWith('ready ')) throw new Error(`The broker did not start: ${value ?? 'it ended'}.`);
  return script;
}

function control({ folder, port }: { folder: string; port: number }, words: readonly string[]): string {
  const env = {
    ...process.env,
    HOME: join(folder, 'home'),
    ERL_EPMD_PORT: String(port + 2),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'environment'),
    RABBITMQ_NODENAME: `tributary-${port}@localhost`,
  };
  const { stdout, stderr, status } = spawnSync('/usr/lib/rabbitmq/bin/rabbitmqctl', words, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`rabbitmqctl ${words.join(' ')}: ${stderr}${stdout}`);
  return stdout;
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
