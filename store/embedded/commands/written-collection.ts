import type { CollectionDefinition } from '../catalog/definitions.ts';
import { requireValidName } from '../engine/engine.ts';
import type { CommandRun } from './command-run.ts';

/** A store id that is never given out. */
const NOWHERE = '\x00\x00\x00\xff';

/**
 * The collection a write goes to: made when it is absent and the write may insert; else an empty one in its place, of which
 * nothing matches. MongoError InvalidNamespace.
 */
export function writtenCollection(run: CommandRun, mayInsert: boolean): CollectionDefinition {
  const { engine, unit, namespace } = run;
  if (mayInsert) return engine.ensureCollection(unit, namespace);
  const existing = engine.collection(unit, namespace);
  if (existing) return existing;
  requireValidName(namespace);
  return { namespace, id: NOWHERE, uuid: new Uint8Array(16), indexes: [] };
}
