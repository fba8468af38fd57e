import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../lib/errors.ts';
import { composeSupergraph } from './compose-supergraph.ts';

/** What the thread is started with. */
export interface CompositionTask {
  readonly file: string;
}

/** What it says, once. */
export type CompositionMessage =
  | { readonly supergraphSdl: string }
  | { readonly code: string; readonly message: string };

async function compose({ file }: CompositionTask): Promise<CompositionMessage> {
  try {
    const { supergraphSdl } = await composeSupergraph({ file });
    return { supergraphSdl };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: error instanceof AppError ? error.code : 'SUPERGRAPH_INVALID', message };
  }
}

parentPort?.postMessage(await compose(workerData as CompositionTask));
