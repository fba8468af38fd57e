import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { AppError, isErrorCode } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { startWorker } from '../../lib/worker-thread.ts';
import type { WorkerInput, WorkerMessage } from './worker.ts';

/** A running embedded store. */
export interface EmbeddedStore {
  /** A `mongodb://` URI for the driver. */
  readonly uri: string;
  /** Closes the file after the last write; resolves when the thread has ended. */
  close(): Promise<void>;
}

/** Socket paths have a limit of 104 to 108 bytes; this leaves room. */
const MAX_SOCKET_PATH = 96;

interface SocketPlace {
  readonly path: string | null;
  readonly remove: () => void;
}

/** A folder only we can enter; Windows has no unix sockets, so there it is loopback TCP. */
function placeSocket(folder: string): SocketPlace {
  if (process.platform === 'win32') return { path: null, remove: () => undefined };
  const inside = join(folder, 'store.sock');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH) {
    const remove = () => rmSync(inside, { force: true });
    // One is left behind when the process before us was killed; the data folder's lock says nobody listens on it.
    remove();
    return { path: inside, remove };
  }
  const temporary = mkdtempSync(join(tmpdir(), 'trib-'));
  chmodSync(temporary, 0o700);
  return { path: join(temporary, 's.sock'), remove: () => rmSync(temporary, { recursive: true, force: true }) };
}

function toUri(address: string): string {
  const host = address.startsWith('/') ? encodeURIComponent(address) : address;
  return `mongodb://${host}/?directConnection=true`;
}

function toError({ code, message, extensions }: Extract<WorkerMessage, { type: 'failed' }>): Error {
  return isErrorCode(code) ? new AppError(code, message, { extensions }) : new Error(message);
}

function listening(worker: Worker, logger: Logger): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      logger.error({ err: error }, 'the embedded store ended');
      reject(error);
    });
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'listening') resolve(message.address);
      if (message.type === 'failed') reject(toError(message));
      if (message.type === 'failure') logger.error({ command: message.command, stack: message.stack }, message.message);
    });
  });
}

/** Starts the embedded store over a folder, in a thread of its own. AppError DATA_CORRUPT, DATA_DIR_UNWRITABLE. */
export async function startEmbedded(options: { folder: string; logger: Logger }): Promise<EmbeddedStore> {
  const { folder, logger } = options;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError('DATA_DIR_UNWRITABLE', 'The folder of the store cannot be made.', { cause });
  }
  const socket = placeSocket(folder);
  const input: WorkerInput = { file: join(folder, 'data.mdb'), socketPath: socket.path };
  const worker = startWorker(new URL('./worker.ts', import.meta.url), import.meta.url, { workerData: input });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const stop = async () => {
    await worker.terminate();
    socket.remove();
  };
  try {
    const uri = toUri(await listening(worker, logger));
    return { uri, close: () => close(worker, ended).finally(socket.remove) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function close(worker: Worker, ended: Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    worker.on('message', (message: WorkerMessage) => message.type === 'closed' && resolve());
  });
  worker.postMessage('close');
  await Promise.race([closed, ended]);
  await worker.terminate();
}
