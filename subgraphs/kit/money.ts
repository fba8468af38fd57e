/** An amount as it is stored: whole minor units (cents) of a currency. The store cannot range over Decimal128. */
export interface StoredMoney {
  /** Read back by the driver as a number while it is safe, so this is what amounts are bounded to. */
  readonly minor: bigint | number;
  /** ISO 4217. */
  readonly currency: string;
}

/** An amount as the graph shows it. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const digits = new Map<string, number>();

/** Whether the text is an ISO 4217 code in use, in capitals. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** How many decimals a currency has (ISO 4217 minor unit, as ECMA-402 prescribes): 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyDigits(currency: string): number {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  const found = options.maximumFractionDigits ?? 2;
  digits.set(currency, found);
  return found;
}

/** Minor units of a decimal text: `"12.5"` USD → 1250n. Null when it has more decimals than the currency, or is beyond ±2^53. */
export function toMinor(amount: string, currency: string): bigint | null {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  const places = currencyDigits(currency);
  const significant = fraction.replace(/0+$/, '');
  if (whole === '' || significant.length > places) return null;
  const minor = BigInt(whole + significant.padEnd(places, '0'));
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return sign === '-' ? -minor : minor;
}

/** A stored amount as the graph shows it: 1250 USD → `"12.50"`. */
export function toMoney({ minor, currency }: StoredMoney): Money {
  return { amount: toDecimal(BigInt(minor), currencyDigits(currency)), currency };
}

/** A whole number of smallest units as a decimal text with so many places: -5 with 2 → `"-0.05"`. */
export function toDecimal(minor: bigint, places: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(places + 1, '0');
  const point = digits.length - places;
  const amount = places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return minor < 0n ? `-${amount}` : amount;
}
