import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../store/connect.ts';
import type { Store } from '../../store/store.ts';

/** The embedded store in a folder of its own, which goes away with `close`. */
export async function openTestStore(): Promise<Store & { dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-store-'));
  const store = await openStore({ dataDir });
  const close = async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...store, dataDir, close };
}
