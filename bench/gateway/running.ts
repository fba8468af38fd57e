import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { toBoundPort } from '../../app/free-port.ts';
import type { Contender, Started } from './contenders.ts';
import { pinned } from './proc.ts';

/** A contender that answers. */
export interface Running {
  readonly contender: Contender;
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from its start until it answered. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 120_000;
/** Then it is killed. */
const STOP_LIMIT_MS = 3_000;
/** What is kept of what it writes, to tell why it failed. */
const KEPT_OUTPUT = 2_000;

/** Starts a contender on core 0 and waits until it answers. Rejects, with what it wrote, when it does not. */
export async function startContender(
  contender: Contender,
  target: Omit<Started, 'port'>,
  pin: boolean,
): Promise<Running> {
  const port = await toBoundPort(0, '127.0.0.1');
  const started = { ...target, port };
  const command = pinned(0, [process.execPath, ...contender.nodeFlags, ...contender.command(started)], pin);
  const [file = '', ...args] = command;
  const start = performance.now();
  const child = spawn(file, args, {
    ...(contender.cwd ? { cwd: contender.cwd } : {}),
    env: { ...process.env, NODE_ENV: 'production', ...contender.env?.(started) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    });
  // A bench that is broken off leaves nobody behind.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const stop = async () => {
    process.removeListener('exit', end);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(late);
  };
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  while (!(await answers(port))) {
    if (isGone() || performance.now() - start > START_LIMIT_MS) {
      await stop();
      throw new Error(`${contender.name} did not start: ${output.trim().slice(-400)}`);
    }
    await delay(100);
  }
  return { contender, pid: child.pid ?? 0, port, readyMs: Math.round(performance.now() - start), stop };
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{__typename}"}',
    });
    await response.arrayBuffer();
    // Refused for want of a token is an answer, too.
    return response.status < 500;
  } catch {
    return false;
  }
}
