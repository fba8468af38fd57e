import { parentPort, workerData } from 'node:worker_threads';
import { isErrorCode } from '../../lib/errors.ts';
import { createEmbeddedServer } from './serve/create-server.ts';

/** What the worker is started with. */
export interface WorkerInput {
  readonly file: string;
  readonly socketPath: string | null;
}

/** What the worker says. `failed`: it could not start. `failure`: a command met a fault of ours. */
export type WorkerMessage =
  | { readonly type: 'listening'; readonly address: string }
  | {
      readonly type: 'failed';
      readonly code: string | null;
      readonly message: string;
      readonly extensions: Record<string, unknown>;
    }
  | { readonly type: 'failure'; readonly message: string; readonly stack: string; readonly command: string }
  | { readonly type: 'closed' };

const say = (message: WorkerMessage) => parentPort?.postMessage(message);

async function main({ file, socketPath }: WorkerInput): Promise<void> {
  const onFailure = (error: unknown, command: string) => {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    say({ type: 'failure', message, stack, command });
  };
  const server = await createEmbeddedServer({ file, socketPath, onFailure });
  parentPort?.once('message', async () => {
    await server.close();
    say({ type: 'closed' });
  });
  say({ type: 'listening', address: server.address });
}

main(workerData as WorkerInput).catch((error) => {
  const { code, extensions = {}, message } = error;
  say({ type: 'failed', code: isErrorCode(code) ? code : null, message, extensions });
});
