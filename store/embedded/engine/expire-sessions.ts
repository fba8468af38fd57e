import { SYSTEM_STORES } from '../catalog/catalog.ts';
import { nextTurn } from '../query/turns.ts';
import { decode } from '../value/codec.ts';
import { successor } from '../value/key.ts';
import type { Engine } from './engine.ts';

/** Milliseconds after which a session's last write is forgotten: twice what `hello` calls a session's life. */
const SESSION_MS = 3_600_000;
/** Records looked at in one turn. */
const BATCH = 500;

/** Forgets what sessions did that are long over, a batch at a time between other commands. */
export async function expireSessions(engine: Pick<Engine, 'begin' | 'clock' | 'disk'>): Promise<void> {
  const end = successor(SYSTEM_STORES.sessions);
  for (let start: string = SYSTEM_STORES.sessions; ; ) {
    const records = engine.disk.range({ start, end }, BATCH);
    const { overlay } = engine.begin();
    const limit = engine.clock.now() - SESSION_MS;
    for (const [key, bytes] of records) if (Number(decode(bytes)['at']) < limit) overlay.remove(key);
    await engine.disk.commit(overlay.writes);
    const last = records.at(-1)?.[0];
    if (records.length < BATCH || last === undefined) return;
    start = `${last}\x00`;
    await nextTurn();
  }
}
