import { createHash } from 'node:crypto';
import { type ClientSession, type Connection, type Model, Schema } from 'mongoose';
import { canonicalText } from './cursor.ts';

/** What a mutation with an idempotency key did. */
interface DoneRow {
  readonly _id: string;
  readonly tenant: string;
  /** SHA-256 of mutation name and input, the key itself aside. */
  readonly body: string;
  /** The record it made or changed. */
  readonly record: string;
  readonly at: Date;
}

/** Whose key it is: another caller's equal key is another key. */
export interface KeyOwner {
  readonly tenant: string;
  readonly subject: string;
  readonly key: string;
}

/** Idempotency keys of one service. */
export interface IdempotencyKeys {
  /** The record of an earlier mutation with this key, `mismatch` when that one said something else, null when there was none. */
  find(owner: KeyOwner, body: string, session: ClientSession): Promise<{ record: string } | 'mismatch' | null>;
  /** Remembers the key within the transaction of the mutation. A second one meets MongoDB's error 11000. */
  keep(owner: KeyOwner, body: string, record: string, at: Date, session: ClientSession): Promise<void>;
}

/** Seconds for which a key is remembered. */
const REMEMBERED_S = 7 * 24 * 3_600;

const schema = new Schema<DoneRow>(
  { _id: String, tenant: String, body: String, record: String, at: Date },
  { versionKey: false, autoCreate: true },
).index({ at: 1 }, { expireAfterSeconds: REMEMBERED_S });

/** Idempotency keys kept in the collection `<service>_idempotency`. The id holds tenant, caller and key, so the one unique index is enough. */
export function createIdempotencyKeys(connection: Connection, service: string): IdempotencyKeys {
  const name = `${service}_idempotency`;
  const model: Model<DoneRow> = connection.models[name] ?? connection.model<DoneRow>(name, schema, name);
  return {
    async find(owner, body, session) {
      const done = await model
        .findOne({ _id: idOf(owner), tenant: owner.tenant })
        .session(session)
        .lean()
        .exec();
      if (!done) return null;
      return done.body === body ? { record: done.record } : 'mismatch';
    },
    async keep(owner, body, record, at, session) {
      await model.insertMany([{ _id: idOf(owner), tenant: owner.tenant, body, record, at }], { session });
    },
  };
}

/** What two mutations must have in common to be the same one. */
export function hashBody(mutation: string, input: Readonly<Record<string, unknown>>): string {
  const { idempotencyKey: _, ...body } = input;
  return createHash('sha256')
    .update(canonicalText([mutation, body]))
    .digest('base64url');
}

function idOf({ tenant, subject, key }: KeyOwner): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, subject, key]))
    .digest('base64url');
}
