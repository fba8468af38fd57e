import { Schema } from 'mongoose';
import { readText } from '../../kit/text-input.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import { readList } from './read-list.ts';

const TEXTS = ['street', 'city', 'region', 'postalCode'] as const;

/** A postal address as it is stored. */
export interface Address extends Readonly<Record<(typeof TEXTS)[number], string | null>> {
  readonly kind: 'BILLING' | 'SHIPPING' | 'OFFICE' | 'OTHER';
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

/** For a mongoose schema. */
export const ADDRESS_FIELDS = [
  new Schema(
    { kind: String, street: String, city: String, region: String, postalCode: String, country: String },
    { _id: false },
  ),
];

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

type Given = Partial<Record<'kind' | 'country' | (typeof TEXTS)[number], string | null>>;

/** Postal addresses of an input; null and absent give none. */
export function readAddresses(value: unknown, errors: UserErrors): Address[] {
  return readList<Given, Address>(value, 'addresses', errors, (one, path) => {
    const texts = TEXTS.map((name) => [name, readText(one[name], `${path}.${name}`, {}, errors)]);
    const address = Object.fromEntries(texts) as Record<(typeof TEXTS)[number], string | null>;
    const country = readCountry(one.country, `${path}.country`, errors);
    return { kind: (one.kind ?? 'OFFICE') as Address['kind'], ...address, country };
  });
}

function readCountry(value: unknown, path: string, errors: UserErrors): string | null {
  const rule = { pattern: /^[A-Z]{2}$/, expected: 'a country code of ISO 3166-1, in capitals' };
  const code = readText(value, path, rule, errors);
  if (code === null || regionNames.of(code) !== undefined) return code;
  errors.add('INVALID', path, `This must be ${rule.expected}.`);
  return null;
}
