import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import { generateSigningKey, type PrivateSigningKey, parseSigningKey } from './signing-key.ts';

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

async function readKey(path: string): Promise<PrivateSigningKey | null> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw new AppError('DATA_CORRUPT', `The key file ${path} cannot be read.`, { cause: error });
  });
  if (text === null) return null;
  // A copy or a backup may have widened the mode.
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  try {
    return parseSigningKey(text, path);
  } catch {
    throw new AppError('DATA_CORRUPT', `The key file ${path} holds no key. Restore it, or remove it to get a new one.`);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Writes the whole key beside its place, then links it there: `link` refuses a name that is taken, where a rename would replace it. */
async function publishKey(folder: string, path: string, key: PrivateSigningKey): Promise<void> {
  const draft = join(folder, `.${randomUUID()}.tmp`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(key)}\n`);
    await file.sync();
    await link(draft, path);
    await syncFolder(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
}

/**
 * The signing key kept at `<dataDir>/keys/<name>.json`, mode 0600, made on first use and on disk before it is returned.
 * Processes that race all return the key of the one that came first.
 * AppError DATA_DIR_UNWRITABLE when the folder cannot be written, DATA_CORRUPT when the file holds no key.
 */
export async function loadOrCreateKey(options: { dataDir: string; name: string }): Promise<PrivateSigningKey> {
  const folder = join(options.dataDir, 'keys');
  const path = join(folder, `${options.name}.json`);
  const existing = await readKey(path);
  if (existing) return existing;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await publishKey(folder, path, generateSigningKey());
  } catch (error) {
    throw new AppError('DATA_DIR_UNWRITABLE', `The folder ${folder} cannot be written.`, { cause: error });
  }
  const key = await readKey(path);
  if (!key) throw new AppError('DATA_CORRUPT', `The key file ${path} went away while it was made.`);
  return key;
}
