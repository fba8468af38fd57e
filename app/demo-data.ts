import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateDemo } from '../sandbox/demo/generate-demo.ts';
import type { DemoData } from '../sandbox/demo/types.ts';

/** What the demo data is generated from: the same again on every start, so that sandbox and store agree after a crash between the two. */
export interface DemoOrigin {
  readonly seed: number;
  /** The present of the demo, milliseconds since the epoch: the moment of the first start. */
  readonly now: number;
}

/** The demo of a data folder. */
export interface Demo {
  readonly origin: DemoOrigin;
  /** Its accounts and contacts, generated on first use and then the same object. */
  readonly data: () => DemoData;
}

/** The demo whose origin is kept in the data folder; made on the first start. */
export async function loadDemo(dataDir: string): Promise<Demo> {
  const origin = await loadOrigin(dataDir);
  let data: DemoData | null = null;
  return {
    origin,
    data: () => {
      data ??= generateDemo(origin);
      return data;
    },
  };
}

async function loadOrigin(dataDir: string): Promise<DemoOrigin> {
  const path = join(dataDir, 'demo.json');
  const known = await readFile(path, 'utf8').catch(() => null);
  if (known) return JSON.parse(known) as DemoOrigin;
  const draft = `${path}.${process.pid}`;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(draft, JSON.stringify({ seed: 1, now: Date.now() } satisfies DemoOrigin), { flush: true });
  // A link, not a rename: of two processes that start at once, both take what the first one wrote.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return JSON.parse(await readFile(path, 'utf8')) as DemoOrigin;
}
