import { Schema } from 'mongoose';
import { isCurrency, type StoredMoney, toMinor } from '../../kit/money.ts';
import type { UserErrors } from '../../kit/user-errors.ts';

/** For a mongoose schema: minor units as int64. */
export const MONEY_FIELDS = {
  type: new Schema({ minor: BigInt, currency: String }, { _id: false }),
  default: null,
};

/** An amount of an input that must not be negative; null and absent give null. */
export function readMoney(value: unknown, path: string, errors: UserErrors): StoredMoney | null {
  if (value === null || value === undefined) return null;
  const { amount, currency } = value as { amount: string; currency: string };
  if (!isCurrency(currency)) {
    errors.add('INVALID', `${path}.currency`, 'This must be a currency code of ISO 4217, in capitals.');
    return null;
  }
  const minor = toMinor(amount, currency);
  if (minor !== null && minor >= 0n) return { minor, currency };
  errors.add('OUT_OF_RANGE', `${path}.amount`, `This must be 0 or more, with the decimals ${currency} has at most.`);
  return null;
}
