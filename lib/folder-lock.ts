import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from './errors.ts';

/** A lock that ends with the process that holds it, however that ends. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Takes a folder that exists, by its real path, for this process alone. AppError DATA_DIR_LOCKED when another has it. */
export async function lockFolder(path: string): Promise<FolderLock> {
  const name = createHash('sha256')
    .update(await realpath(path))
    .digest('hex')
    .slice(0, 32);
  const lock = await acquireFolderLock(name);
  if (lock) return lock;
  throw new AppError('DATA_DIR_LOCKED', `Another process uses ${path}. Stop it, or set DATA_DIR to another folder.`);
}

/**
 * Takes the machine-wide lock of that name, or answers null when a living process has it.
 * It is a listening local socket: the kernel closes it with the process, so a `kill -9` leaves nothing to clean up,
 * and no process id can be mistaken for a later process. Linux and Windows free the name too; elsewhere the
 * socket file of a dead holder is removed. Containers with network namespaces of their own do not see each other.
 */
export async function acquireFolderLock(name: string): Promise<FolderLock | null> {
  const address = addressOf(name);
  const server = (await listen(address)) ?? (await takeOverFromTheDead(address));
  if (!server) return null;
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0tributary-${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\tributary-${name}`;
  return join(tmpdir(), `tributary-${name}.sock`);
}

function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

async function takeOverFromTheDead(address: string): Promise<Server | null> {
  const isFile = !address.startsWith('\0') && !address.startsWith('\\\\');
  if (!isFile || (await answers(address))) return null;
  rmSync(address, { force: true });
  return listen(address);
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
  });
}
