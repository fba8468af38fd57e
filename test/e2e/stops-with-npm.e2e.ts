import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toBoundPort } from '../../app/free-port.ts';

let dataDir: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-npm-'));
});
afterAll(async () => {
  // A group of its own each: nothing of it stays, whatever the test found.
  for (const { pid } of started) {
    try {
      if (pid) process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  await rm(dataDir, { recursive: true, force: true });
});

/** Until it has closed, it answers; 503 while it is closing. */
const answers = (url: string) =>
  fetch(`${url}/health/live`).then(
    () => true,
    () => false,
  );

const isReady = (url: string) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** `npm start` itself, not the entry point it runs. */
async function npmStart(): Promise<{ npm: ChildProcess; url: string }> {
  const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
  const env = { ...process.env, DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(sandboxPort) };
  const npm = spawn('npm', ['start'], { env, stdio: 'ignore', detached: true });
  started.push(npm);
  const url = `http://127.0.0.1:${port}`;
  await vi.waitUntil(() => isReady(url), { timeout: 60_000, interval: 100 });
  return { npm, url };
}

describe('npm start', () => {
  it('stops when npm is told to, and can be started on the same folder again', async () => {
    const first = await npmStart();
    first.npm.kill('SIGTERM');
    await once(first.npm, 'exit');
    await vi.waitUntil(async () => !(await answers(first.url)), { timeout: 10_000, interval: 100 });
    const second = await npmStart();
    expect(await isReady(second.url)).toBe(true);
  });
});
