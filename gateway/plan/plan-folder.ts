import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { PlanStore } from './plan-store.ts';

/** What a plan folder is made of. */
export interface PlanFolderOptions {
  readonly folder: string;
  /** Plans kept for one schema; when there are more, the oldest quarter is removed. @default 5 000 */
  readonly limit?: number;
  /** Schemas kept, the ones saved for last. @default 3 */
  readonly schemas?: number;
  readonly logger?: Logger;
}

/** A file of the folder. Name and content say what it is for, so that a file in a wrong place is not believed. */
interface StoredPlan {
  readonly schema: string;
  readonly key: string;
  /** SHA-256 of the plan. */
  readonly digest: string;
  readonly plan: string;
}

/** Larger plans are made anew. */
const SIZE_LIMIT = 1_000_000;
/** What is in a file is executed: nobody else may write to them, and names of fields are nobody else's to read. */
const OWNER_ONLY = 0o700;
const OWNER_FILE = 0o600;
const HASH = /^[0-9a-f]{64}$/;

/**
 * Plans as files: `<schema>/<hash of the key>.json`. Files are replaced as a whole (written aside, then renamed), damaged and
 * foreign ones are ignored, and a full or unwritable disk costs a warning, never an operation. Several processes may share it.
 */
export function createPlanFolder(options: PlanFolderOptions): PlanStore {
  const { folder, limit = 5_000, schemas = 3, logger = silentLogger } = options;
  const counts = new Map<string, Promise<{ files: number }>>();
  const open = async (schema: string): Promise<{ files: number }> => {
    await mkdir(schemaFolder(folder, schema), { recursive: true, mode: OWNER_ONLY });
    await removeOldest(folder, schemas, HASH);
    return { files: (await readdir(schemaFolder(folder, schema))).length };
  };
  const counted = (schema: string) => {
    const count = counts.get(schema) ?? open(schema);
    counts.set(schema, count);
    return count;
  };
  return {
    async load(schema, key) {
      const text = await readFile(pathOf(folder, schema, key), 'utf8').catch(() => null);
      return text === null ? null : planIn(text, schema, key);
    },
    async save(schema, key, plan) {
      if (plan.length > SIZE_LIMIT) return;
      try {
        const count = await counted(schema);
        await replaceFile(pathOf(folder, schema, key), toText(schema, key, plan));
        count.files += 1;
        if (count.files > limit)
          count.files = await removeOldest(schemaFolder(folder, schema), Math.ceil(limit * 0.75), /./);
      } catch (error) {
        counts.delete(schema);
        logger.warn({ err: error }, 'A plan was not saved.');
      }
    },
  };
}

function schemaFolder(folder: string, schema: string): string {
  return join(folder, sha256(schema));
}

function pathOf(folder: string, schema: string, key: string): string {
  return join(schemaFolder(folder, schema), `${sha256(key)}.json`);
}

function toText(schema: string, key: string, plan: string): string {
  return JSON.stringify({ schema, key, digest: sha256(plan), plan } satisfies StoredPlan);
}

function planIn(text: string, schema: string, key: string): string | null {
  try {
    const stored = JSON.parse(text) as Partial<StoredPlan> | null;
    if (stored?.schema !== schema || stored.key !== key || typeof stored.plan !== 'string') return null;
    return sha256(stored.plan) === stored.digest ? stored.plan : null;
  } catch {
    // Damaged: the plan is made anew and replaces it.
    return null;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, text, { flag: 'wx', mode: OWNER_FILE });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Removes what is over `kept` entries whose names are ours, the oldest first. Returns how many are left. */
async function removeOldest(folder: string, kept: number, names: RegExp): Promise<number> {
  const entries = (await readdir(folder)).filter((name) => names.test(name));
  if (entries.length <= kept) return entries.length;
  const dated = await Promise.all(
    entries.map(async (name) => ({ name, time: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  const old = dated.sort((one, other) => other.time - one.time).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { recursive: true, force: true })));
  return kept;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
