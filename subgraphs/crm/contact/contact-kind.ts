import { foldText } from '../../kit/fold-text.ts';
import { readText } from '../../kit/text-input.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import type { Crm } from '../client.ts';
import { readEmails } from '../parts/emails.ts';
import { checkLifecycle } from '../parts/lifecycle.ts';
import { readPhones } from '../parts/phones.ts';
import { checkReference } from '../record/check-reference.ts';
import { checkNoCycle } from '../record/hierarchy.ts';
import type { RecordKind, Verification } from '../record/record-kind.ts';
import type { ContactRow } from './contact-row.ts';

/** How contacts are written. */
export function contactKind(crm: Crm): RecordKind<ContactRow> {
  return {
    typename: 'Contact',
    prefix: 'con',
    topic: 'crm.contact',
    model: crm.contacts,
    empty: EMPTY,
    readers: READERS,
    derive: ({ familyName, givenName, emails }) => ({
      nameKey: foldText(`${familyName} ${givenName ?? ''}`),
      emailKeys: emails.map(({ address }) => address),
    }),
    graphNames: { accountId: 'account', reportsToId: 'reportsTo' },
    verify: (verification) => verify(crm, verification),
    facts: ({ accountId }) => ({ accountId }),
  };
}

const EMPTY = {
  givenName: null,
  familyName: '',
  displayName: null,
  nameKey: '',
  emails: [],
  emailKeys: [],
  phones: [],
  jobTitle: null,
  department: null,
  accountId: null,
  reportsToId: null,
  locale: null,
  timeZone: null,
  lifecycleStage: null,
} as const;

const READERS: RecordKind<ContactRow>['readers'] = {
  givenName: (value, errors) => readText(value, 'givenName', {}, errors),
  familyName: (value, errors) => readText(value, 'familyName', { required: true }, errors) ?? '',
  displayName: (value, errors) => readText(value, 'displayName', {}, errors),
  emails: readEmails,
  phones: readPhones,
  jobTitle: (value, errors) => readText(value, 'jobTitle', {}, errors),
  department: (value, errors) => readText(value, 'department', {}, errors),
  accountId: (value) => value ?? null,
  reportsToId: (value) => value ?? null,
  locale: readLocale,
  timeZone: readTimeZone,
  lifecycleStage: (value) => value ?? null,
};

function readLocale(value: unknown, errors: UserErrors): string | null {
  const text = readText(value, 'locale', { max: 35 }, errors);
  if (text === null) return null;
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    errors.add('INVALID', 'locale', 'This must be a language tag of BCP 47, for example de-AT.');
    return null;
  }
}

function readTimeZone(value: unknown, errors: UserErrors): string | null {
  const text = readText(value, 'timeZone', { max: 60 }, errors);
  if (text === null || isTimeZone(text)) return text;
  errors.add('INVALID', 'timeZone', 'This must be a time zone of the IANA database, for example Europe/Vienna.');
  return null;
}

/** Newer runtimes take bare offsets too, which are no zones. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

async function verify(crm: Crm, { next, previous, input, session, errors }: Verification<ContactRow>): Promise<void> {
  const { _id: id, tenant, accountId, reportsToId } = next;
  checkLifecycle(previous?.lifecycleStage ?? null, next.lifecycleStage, input['forceLifecycleStage'] === true, errors);
  if (accountId !== null && accountId !== previous?.accountId)
    await checkReference(crm.accounts, { tenant, id: accountId, path: 'accountId' }, session, errors);
  if (reportsToId === null || reportsToId === previous?.reportsToId) return;
  await crm.hierarchy.take('contact', tenant, session);
  await checkReference(crm.contacts, { tenant, id: reportsToId, path: 'reportsToId' }, session, errors);
  const link = { model: crm.contacts, tenant, id, superiorId: reportsToId, path: 'reportsToId' };
  await checkNoCycle({ ...link, above: (row) => row.reportsToId }, session, errors);
}
