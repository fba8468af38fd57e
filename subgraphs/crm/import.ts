import type { Clock } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Store } from '../../store/store.ts';
import { foldText } from '../kit/fold-text.ts';
import type { Row, RowModel } from '../kit/row.ts';
import { type AccountRow, accountModel } from './account/account-row.ts';
import { type ContactRow, contactModel } from './contact/contact-row.ts';
import type { Address } from './parts/addresses.ts';
import type { LifecycleStage } from './parts/lifecycle.ts';
import type { Actor } from './record/record-row.ts';

/** A person to import. */
export interface ImportedContact {
  /** `con_` and a ULID. */
  readonly id: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly phone: string;
  readonly jobTitle: string;
  readonly department: string;
  readonly reportsToId: string | null;
  readonly locale: string;
  readonly timeZone: string;
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** An organisation to import, with its people. The first contact becomes the primary one. */
export interface ImportedAccount {
  /** `acc_` and a ULID. */
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly legalName: string;
  readonly domain: string;
  readonly industry: string;
  readonly kind: AccountRow['kind'];
  readonly lifecycleStage: LifecycleStage;
  readonly employeeCount: number;
  readonly annualRevenue: { readonly minor: number; readonly currency: string };
  readonly phone: string;
  readonly addresses: readonly Address[];
  readonly parentId: string | null;
  readonly contacts: readonly ImportedContact[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** How much was there to import, and how much was not there yet. */
export interface Imported {
  readonly accounts: number;
  readonly contacts: number;
  readonly added: number;
}

const BATCH = 1_000;
const DUPLICATE_KEY = 11000;
const IMPORTER: Actor = { kind: 'SYNC', id: 'import' };

/**
 * Loads trusted records in bulk, without events: their cause would be IMPORT, and nobody is to be told of each.
 * Records whose ids are there already are left as they are, so a load that broke off can be run again.
 */
export async function importAccounts(
  store: Store,
  accounts: readonly ImportedAccount[],
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<Imported> {
  const now = new Date(clock.now());
  const accountRows = accounts.map((account) => toAccountRow(account, now));
  const contactRows = accounts.flatMap((account) => account.contacts.map((one) => toContactRow(one, account, now)));
  const added =
    (await insertNew(accountModel(store.connection), accountRows)) +
    (await insertNew(contactModel(store.connection), contactRows));
  return { accounts: accountRows.length, contacts: contactRows.length, added };
}

function recordFields(id: string, tenant: string, createdAt: number, now: Date) {
  const made = { createdAt: new Date(createdAt), updatedAt: now, createdBy: IMPORTER, updatedBy: IMPORTER };
  return { _id: id, tenant, version: 1, deletedAt: null, ...made };
}

function toAccountRow(account: ImportedAccount, now: Date): AccountRow {
  const { id, tenant, createdAt, name, legalName, domain, industry, kind, lifecycleStage, employeeCount } = account;
  const { minor, currency } = account.annualRevenue;
  return {
    ...recordFields(id, tenant, createdAt, now),
    ...{ name, legalName, domain, industry, kind, lifecycleStage, employeeCount },
    nameKey: foldText(name),
    website: `https://www.${domain}`,
    industryKey: foldText(industry),
    annualRevenue: { minor: BigInt(minor), currency },
    phones: [{ number: account.phone, kind: 'WORK' }],
    addresses: account.addresses,
    parentId: account.parentId,
    primaryContactId: account.contacts[0]?.id ?? null,
  };
}

function toContactRow(contact: ImportedContact, { id: accountId, tenant }: ImportedAccount, now: Date): ContactRow {
  const { id, email, phone, createdAt, ...own } = contact;
  return {
    ...recordFields(id, tenant, createdAt, now),
    ...own,
    displayName: null,
    nameKey: foldText(`${own.familyName} ${own.givenName}`),
    emails: [{ address: email, kind: 'WORK', isPrimary: true, status: 'VALID' }],
    emailKeys: [email],
    phones: [{ number: phone, kind: 'WORK' }],
    accountId,
  };
}

/** Past mongoose: its casting and change tracking cost more than the writing. How many were new. */
async function insertNew<R extends Row>(model: RowModel<R>, rows: readonly R[]): Promise<number> {
  let added = 0;
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    try {
      added += (await model.collection.insertMany(batch as never, { ordered: false })).insertedCount;
    } catch (error) {
      added += batch.length - countDuplicates(error);
    }
  }
  return added;
}

/** Throws the error again unless all it tells of is ids that are there already. */
function countDuplicates(error: unknown): number {
  const failed = (error as { writeErrors?: unknown }).writeErrors;
  const list = (Array.isArray(failed) ? failed : [failed]) as { code?: number }[];
  if (failed === undefined || list.some((one) => one?.code !== DUPLICATE_KEY)) throw error;
  return list.length;
}
