import type mongoose from 'mongoose';
import { toTransactionOptions } from '../entities.ts';
import { Mismatch } from '../match.ts';
import type { Document } from '../test-file.ts';

type Session = mongoose.mongo.ClientSession;

/** Operations on a session by name. */
const SESSION_OPERATIONS: Readonly<Record<string, (session: Session, args: Document) => unknown>> = {
  startTransaction: (session, args) => session.startTransaction(toTransactionOptions(args)),
  commitTransaction: (session) => session.commitTransaction(),
  abortTransaction: (session) => session.abortTransaction(),
  endSession: (session) => session.endSession(),
  getSnapshotTime: (session) => {
    const { snapshotTime, snapshotEnabled } = session as unknown as Document;
    if (snapshotEnabled !== true) throw new Error('The session is no snapshot session');
    return snapshotTime;
  },
};

/** Runs an operation on a session; throws Mismatch on a name the runner does not know. */
export async function runOnSession(session: Session, name: string, args: Document): Promise<unknown> {
  const operation = SESSION_OPERATIONS[name];
  if (!operation) throw new Mismatch(`The runner does not know the operation ${name} of a session`);
  return operation(session, args);
}
