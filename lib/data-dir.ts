import {
  access,
  chmod,
  constants,
  cp,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';

/** The layout of the data folder that this code reads and writes. Raise it with a migration. */
export const DATA_VERSION = 1;

/** Turns the layout of version `from` into that of `from + 1`, in place. A backup was made before. */
export interface Migration {
  readonly from: number;
  migrate(path: string): Promise<void>;
}

/** The data folder, held by this process until closed. */
export interface DataDir {
  /** Absolute, symbolic links resolved. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Opens (or makes) the data folder for one process alone.
 * AppError DATA_DIR_UNWRITABLE; DATA_DIR_LOCKED when another process holds it; DATA_DIR_VERSION when a newer version
 * wrote it, or when it holds something that is not ours. An older layout is migrated after a backup beside it. A folder of
 * ours is made private to the user (mode 0700), also one that was there before.
 */
export async function openDataDir(options: {
  readonly path: string;
  readonly version?: number;
  readonly migrations?: readonly Migration[];
}): Promise<DataDir> {
  const { version = DATA_VERSION, migrations = [] } = options;
  const path = await makeWritable(options.path);
  const lock = await lockFolder(path);
  try {
    await bringToVersion(path, version, migrations);
    await makePrivate(path);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return { path, close: () => lock.release() };
}

async function makeWritable(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(path);
  } catch (cause) {
    throw new AppError(
      'DATA_DIR_UNWRITABLE',
      `DATA_DIR ${path} cannot be written. Give this user the right to, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
}

/** A folder of another user's, such as a mounted volume, keeps the mode its owner gave it. */
async function makePrivate(path: string): Promise<void> {
  const { mode, uid } = await stat(path);
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) await chmod(path, 0o700);
}

async function bringToVersion(path: string, wanted: number, migrations: readonly Migration[]): Promise<void> {
  const found = await readVersion(path);
  if (found === null) return stamp(path, wanted);
  if (found > wanted) {
    throw new AppError(
      'DATA_DIR_VERSION',
      `The data folder has layout ${found}, this version reads up to ${wanted}. Use a newer Tributary, or another DATA_DIR.`,
    );
  }
  if (found === wanted) return;
  await cp(path, `${path}.backup-v${found}`, { recursive: true, errorOnExist: true, force: false });
  for (let from = found; from < wanted; from += 1) {
    const step = migrations.find((migration) => migration.from === from);
    if (!step)
      throw new AppError(
        'DATA_DIR_VERSION',
        `The data folder has layout ${found} and there is no way from ${from} to ${from + 1}. Use another DATA_DIR.`,
      );
    await step.migrate(path);
    await stamp(path, from + 1);
  }
}

/** What commands beside the start may have put into a folder before its first start: tokens need keys, sandboxes their data. */
const BESIDE = ['keys', 'demo.json', 'sandbox'];

/** Null for a folder that is still empty, but for those. */
async function readVersion(path: string): Promise<number | null> {
  const text = await readFile(join(path, 'VERSION'), 'utf8').catch(() => null);
  if (text !== null && /^\d+\n?$/.test(text)) return Number(text);
  const foreign = (await readdir(path)).filter((name) => !BESIDE.includes(name));
  if (text === null && foreign.length === 0) return null;
  throw new AppError(
    'DATA_DIR_VERSION',
    `${path} is not a data folder of Tributary: its VERSION file is missing or is not a number. Set DATA_DIR to an empty folder.`,
  );
}

async function stamp(path: string, version: number): Promise<void> {
  const draft = join(path, `VERSION.${process.pid}`);
  await writeFile(draft, `${version}\n`);
  await rename(draft, join(path, 'VERSION'));
  await rm(draft, { force: true });
}
