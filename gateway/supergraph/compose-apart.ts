import { once } from 'node:events';
import { AppError, isErrorCode } from '../../lib/errors.ts';
import { startWorker } from '../../lib/worker-thread.ts';
import type { CompositionMessage, CompositionTask } from './compose-worker.ts';

/** Composes as `composeSupergraph` does, in a thread that lives as long as it takes. AppError SUPERGRAPH_INVALID likewise. */
export async function composeApart(file: string): Promise<{ readonly supergraphSdl: string }> {
  const worker = startWorker(new URL('./compose-worker.ts', import.meta.url), import.meta.url, {
    workerData: { file } satisfies CompositionTask,
  });
  // A composition that nobody waits for any more must not keep the process alive.
  worker.unref();
  try {
    const ended = once(worker, 'exit').then(() => ({ code: 'INTERNAL', message: 'The composer ended early.' }));
    const message: CompositionMessage = await Promise.race([once(worker, 'message').then(([said]) => said), ended]);
    if ('supergraphSdl' in message) return message;
    throw new AppError(isErrorCode(message.code) ? message.code : 'SUPERGRAPH_INVALID', message.message);
  } finally {
    await worker.terminate();
  }
}
