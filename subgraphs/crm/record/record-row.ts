import { Schema, type SchemaDefinition } from 'mongoose';
import type { Row } from '../../kit/row.ts';
import type { SubgraphContext } from '../../kit/service.ts';

/** Who did something, as it is stored. */
export interface Actor {
  readonly kind: 'USER' | 'APP' | 'SYNC' | 'PROCESS';
  readonly id: string;
}

/** What every record of the CRM has. */
export interface RecordRow extends Row {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly createdBy: Actor;
  readonly updatedBy: Actor;
}

const actor = new Schema({ kind: String, id: String }, { _id: false, id: false });

/** The fields of RecordRow for a mongoose schema. */
export const RECORD_FIELDS = {
  _id: String,
  tenant: { type: String, required: true },
  version: { type: Number, required: true },
  createdAt: Date,
  updatedAt: Date,
  createdBy: actor,
  updatedBy: actor,
  deletedAt: { type: Date, default: null },
} satisfies SchemaDefinition;

/** Schema options of every collection: fields unknown to the schema are an error, versions are ours. */
export const RECORD_OPTIONS = { versionKey: false, strict: 'throw', minimize: false, id: false } as const;

/** The caller as an actor. */
export function actorOf(context: SubgraphContext): Actor {
  return { kind: 'USER', id: context.identity.subject };
}
