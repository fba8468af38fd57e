import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** Starts a script of the tests in a process of its own, with messages both ways; its failures show in ours. */
export function forkScript(script: URL, args: readonly string[]): ChildProcess {
  return fork(script, [...args], {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** Kills it as a crash would; resolves when it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** How another process of this machine reaches the embedded store of a data folder. */
export function storeUri(dataDir: string): string {
  return `mongodb://${encodeURIComponent(join(dataDir, 'store', 'store.sock'))}/?directConnection=true`;
}
