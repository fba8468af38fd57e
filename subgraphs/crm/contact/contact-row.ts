import { type Connection, Schema } from 'mongoose';
import type { RowModel } from '../../kit/row.ts';
import { EMAIL_FIELDS, type Email } from '../parts/emails.ts';
import type { LifecycleStage } from '../parts/lifecycle.ts';
import { PHONE_FIELDS, type Phone } from '../parts/phones.ts';
import { RECORD_FIELDS, RECORD_OPTIONS, type RecordRow } from '../record/record-row.ts';

/** A contact as it is stored. */
export interface ContactRow extends RecordRow {
  readonly givenName: string | null;
  readonly familyName: string;
  /** Null when it is made of given and family name. */
  readonly displayName: string | null;
  /** Family name, then given name, folded, for order and search. */
  readonly nameKey: string;
  readonly emails: readonly Email[];
  /** The addresses of `emails`. */
  readonly emailKeys: readonly string[];
  readonly phones: readonly Phone[];
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly accountId: string | null;
  readonly reportsToId: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly lifecycleStage: LifecycleStage | null;
}

const schema = new Schema(
  {
    ...RECORD_FIELDS,
    givenName: String,
    familyName: { type: String, required: true },
    displayName: String,
    nameKey: String,
    emails: EMAIL_FIELDS,
    emailKeys: [String],
    phones: PHONE_FIELDS,
    jobTitle: String,
    department: String,
    accountId: String,
    reportsToId: String,
    locale: String,
    timeZone: String,
    lifecycleStage: String,
  },
  RECORD_OPTIONS,
);

/** One for every order, with the id that ends it, and for every filter. Contacts of an account come in the default order. */
const INDEXED = [
  ['nameKey', '_id'],
  ['createdAt', '_id'],
  ['updatedAt', '_id'],
  ['accountId', 'createdAt', '_id'],
  ['emailKeys'],
  ['reportsToId'],
  ['lifecycleStage'],
];
for (const paths of INDEXED) schema.index({ tenant: 1, ...Object.fromEntries(paths.map((path) => [path, 1])) });

/** The collection of contacts on a connection. */
export function contactModel(connection: Connection): RowModel<ContactRow> {
  const known = connection.models['CrmContact'] ?? connection.model('CrmContact', schema, 'crm_contacts');
  return known as unknown as RowModel<ContactRow>;
}
