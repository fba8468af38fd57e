import { Schema } from 'mongoose';
import { readText } from '../../kit/text-input.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import { readList } from './read-list.ts';

/** An e-mail address as it is stored. */
export interface Email {
  /** In lower case. */
  readonly address: string;
  readonly kind: 'WORK' | 'PERSONAL' | 'OTHER';
  readonly isPrimary: boolean;
  readonly status: 'VALID' | 'BOUNCED' | 'UNSUBSCRIBED';
}

/** For a mongoose schema. */
export const EMAIL_FIELDS = [
  new Schema({ address: String, kind: String, isPrimary: Boolean, status: String }, { _id: false }),
];

/** One `@`, a domain with a dot, no spaces; whether mail arrives only mail can tell. Length: RFC 5321 §4.5.3.1. */
const ADDRESS = {
  max: 254,
  required: true,
  pattern: /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u,
  expected: 'an e-mail address',
} as const;

type Given = { readonly [Name in keyof Email]?: Email[Name] | null };

/** E-mail addresses of an input, the primary one first; null and absent give none. Two primary ones or the same twice: INVALID. */
export function readEmails(value: unknown, errors: UserErrors): Email[] {
  const read = readList<Given, Email>(value, 'emails', errors, (one, path) => {
    const address = readText(one.address, `${path}.address`, ADDRESS, errors)?.toLowerCase() ?? null;
    if (address === null) return null;
    return { address, kind: one.kind ?? 'WORK', isPrimary: one.isPrimary === true, status: one.status ?? 'VALID' };
  });
  checkDistinct(read, errors);
  const primary = read.find((email) => email.isPrimary) ?? read[0];
  const others = read.filter((email) => email !== primary);
  return primary ? [{ ...primary, isPrimary: true }, ...others] : [];
}

function checkDistinct(emails: readonly Email[], errors: UserErrors): void {
  if (new Set(emails.map(({ address }) => address)).size < emails.length)
    errors.add('INVALID', 'emails', 'The same address is there twice.');
  if (emails.filter(({ isPrimary }) => isPrimary).length > 1)
    errors.add('INVALID', 'emails', 'Only one address can be the primary one.');
}
