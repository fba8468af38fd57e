import { nextTurn } from '../query/scan.ts';
import { successor } from '../value/key.ts';
import type { Engine } from './engine.ts';

const BATCH = 500;

/** Empties dropped collections and indexes, a batch at a time between other commands. A crash leaves the rest for the next start. */
export async function collectGarbage(engine: Pick<Engine, 'disk' | 'catalog' | 'begin'>): Promise<void> {
  for (const id of engine.catalog.garbage(engine.disk)) {
    for (;;) {
      const unit = engine.begin();
      const entries = engine.disk.range({ start: id, end: successor(id) }, BATCH);
      for (const [key] of entries) unit.overlay.remove(key);
      if (entries.length < BATCH) engine.catalog.forgetGarbage(unit.overlay, id);
      await engine.disk.commit(unit.overlay.writes);
      if (entries.length < BATCH) break;
      await nextTurn();
    }
  }
}
