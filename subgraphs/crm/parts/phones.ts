import { Schema } from 'mongoose';
import { readText } from '../../kit/text-input.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import { readList } from './read-list.ts';

/** A telephone number as it is stored. */
export interface Phone {
  readonly number: string;
  readonly kind: 'WORK' | 'MOBILE' | 'HOME' | 'OTHER';
}

/** For a mongoose schema. */
export const PHONE_FIELDS = [new Schema({ number: String, kind: String }, { _id: false })];

const NUMBER = { max: 40, pattern: /^(?=(?:\D*\d){3})\+?[\d\s()./-]+(?: ?(?:x|ext\.?) ?\d{1,6})?$/i } as const;

/** Telephone numbers of an input; null and absent give none. */
export function readPhones(value: unknown, errors: UserErrors): Phone[] {
  return readList<{ number: string; kind?: Phone['kind'] | null }, Phone>(value, 'phones', errors, (one, path) => {
    const rule = { ...NUMBER, required: true, expected: 'a telephone number' };
    const number = readText(one.number, `${path}.number`, rule, errors);
    return number === null ? null : { number, kind: one.kind ?? 'WORK' };
  });
}
