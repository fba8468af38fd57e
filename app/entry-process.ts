import { once } from 'node:events';
import { AppError } from '../lib/errors.ts';
import { spawnEntry } from './server-process.ts';

/** An entry point of this folder that runs in a process of its own. */
export interface EntryProcess {
  /** What it has written so far, both streams. */
  output(): string;
  /** Sends the signal, and waits until the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts an entry point, and waits until it has said what `says` looks for. AppError INTERNAL with its words when it ends before. */
export async function startEntry(options: {
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly says: RegExp;
  /** @default 60 000 */
  readonly timeoutMs?: number;
}): Promise<EntryProcess> {
  const { entry, args = [], env, says, timeoutMs = 60_000 } = options;
  const child = spawnEntry(entry, env, args);
  const gone = once(child, 'close');
  let text = '';
  const said = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (says.test(text)) resolve();
      });
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await gone;
  };
  const late = AbortSignal.timeout(timeoutMs);
  const outcome = await Promise.race([
    said.then(() => 'ready' as const),
    gone.then(() => 'gone' as const),
    once(late, 'abort').then(() => 'late' as const),
  ]);
  if (outcome === 'ready') return { output: () => text, end };
  await end('SIGKILL');
  throw new AppError('INTERNAL', `${entry} ${args.join(' ')} did not become ready. It said:\n${text}`);
}
