import { type Connection, Schema } from 'mongoose';
import type { StoredMoney } from '../../kit/money.ts';
import type { RowModel } from '../../kit/row.ts';
import { ADDRESS_FIELDS, type Address } from '../parts/addresses.ts';
import type { LifecycleStage } from '../parts/lifecycle.ts';
import { MONEY_FIELDS } from '../parts/money-input.ts';
import { PHONE_FIELDS, type Phone } from '../parts/phones.ts';
import { RECORD_FIELDS, RECORD_OPTIONS, type RecordRow } from '../record/record-row.ts';

/** An account as it is stored. */
export interface AccountRow extends RecordRow {
  readonly name: string;
  /** `name` folded, for order and search. */
  readonly nameKey: string;
  readonly legalName: string | null;
  readonly domain: string | null;
  readonly website: string | null;
  readonly industry: string | null;
  readonly industryKey: string | null;
  readonly kind: 'PROSPECT' | 'CUSTOMER' | 'PARTNER' | 'VENDOR' | 'FORMER_CUSTOMER';
  readonly lifecycleStage: LifecycleStage | null;
  readonly employeeCount: number | null;
  readonly annualRevenue: StoredMoney | null;
  readonly phones: readonly Phone[];
  readonly addresses: readonly Address[];
  readonly parentId: string | null;
  readonly primaryContactId: string | null;
}

const schema = new Schema(
  {
    ...RECORD_FIELDS,
    name: { type: String, required: true },
    nameKey: String,
    legalName: String,
    domain: String,
    website: String,
    industry: String,
    industryKey: String,
    kind: String,
    lifecycleStage: String,
    employeeCount: Number,
    annualRevenue: MONEY_FIELDS,
    phones: PHONE_FIELDS,
    addresses: ADDRESS_FIELDS,
    parentId: String,
    primaryContactId: String,
  },
  RECORD_OPTIONS,
);

/** One for every order, with the id that ends it, and for every filter. */
const INDEXED = [
  ['nameKey', '_id'],
  ['createdAt', '_id'],
  ['updatedAt', '_id'],
  ['employeeCount', '_id'],
  ['domain'],
  ['industryKey'],
  ['kind'],
  ['lifecycleStage'],
  ['parentId'],
];
for (const paths of INDEXED) schema.index({ tenant: 1, ...Object.fromEntries(paths.map((path) => [path, 1])) });

/** The collection of accounts on a connection. */
export function accountModel(connection: Connection): RowModel<AccountRow> {
  const known = connection.models['CrmAccount'] ?? connection.model('CrmAccount', schema, 'crm_accounts');
  return known as unknown as RowModel<AccountRow>;
}
