import { randomBytes } from 'node:crypto';
import { Binary } from 'bson';
import { toSession } from '../engine/session-records.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { SESSION_MINUTES } from './handshake.ts';

function sessionsOf(run: CommandRun): string[] {
  const lsids = run.body[run.request.name];
  if (!Array.isArray(lsids) || !lsids.every((lsid) => isDocument(lsid) && lsid['id'] instanceof Binary))
    throw new MongoError('TypeMismatch', `${run.request.name} needs an array of sessions`);
  return (lsids as Document[]).map(toSession);
}

/** `startSession`: for clients that do not make their session ids themselves. */
export function startSession(): Reply {
  const id = new Binary(randomBytes(16), Binary.SUBTYPE_UUID);
  return { document: { id: { id }, timeoutMinutes: SESSION_MINUTES } };
}

/** `refreshSessions`. What a session holds is bounded by limits of its own, so there is nothing to put off. */
export function refreshSessions(run: CommandRun): Reply {
  sessionsOf(run);
  return { document: {} };
}

/** `endSessions`: their transactions end with them. */
export function endSessions(run: CommandRun): Reply {
  for (const session of sessionsOf(run)) run.engine.transactions.end(session);
  return { document: {} };
}

/** `killSessions`: their transactions and cursors end at once, those of every session when none is named. */
export function killSessions(run: CommandRun): Reply {
  const sessions = sessionsOf(run);
  if (sessions.length === 0) return killAllSessions(run);
  for (const session of sessions) {
    run.engine.transactions.end(session);
    run.cursors.closeOf(session);
  }
  return { document: {} };
}

/** `killAllSessions`. There is one user, so every pattern of users means all. */
export function killAllSessions(run: CommandRun): Reply {
  run.engine.transactions.endAll();
  run.cursors.closeAll();
  return { document: {} };
}
