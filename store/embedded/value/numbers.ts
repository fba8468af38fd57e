import type { Decimal128, Long } from 'bson';

type Tagged = { readonly _bsontype?: string; readonly value?: unknown };

/** Whether BSON counts the value among the numbers. */
export function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null) return false;
  const tag = (value as Tagged)._bsontype;
  return tag === 'Long' || tag === 'Int32' || tag === 'Double' || tag === 'Decimal128';
}

/** The nearest double. Decimal128 loses digits beyond the fifteenth: such values compare by their double. */
export function toDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const tagged = value as Tagged;
  if (tagged._bsontype === 'Long') return (value as Long).toNumber();
  if (tagged._bsontype === 'Decimal128') return Number((value as Decimal128).toString());
  return Number(tagged.value);
}

/** What a 64-bit integer is more than its nearest double; 0 for every other number. */
export function residue(value: unknown, double: number): number {
  if (typeof value === 'bigint') return Number(value - BigInt(double));
  if ((value as Tagged)._bsontype !== 'Long') return 0;
  return Number((value as Long).toBigInt() - BigInt(double));
}
