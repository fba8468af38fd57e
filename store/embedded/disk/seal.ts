import { crc32 } from 'node:zlib';
import { AppError } from '../../../lib/errors.ts';

/** Bytes a seal adds to a value. */
export const SEAL_SIZE = 4;

/** The value with a checksum of its key and itself behind it (CRC-32, zlib's). */
export function seal(key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(value.length + SEAL_SIZE);
  sealed.set(value);
  sealed.writeUInt32LE(crc32(value, crc32(key)), value.length);
  return sealed;
}

/** Whether the seal is that of this key and value. */
export function isSealed(key: Uint8Array, sealed: Uint8Array): boolean {
  const size = sealed.length - SEAL_SIZE;
  if (size < 0) return false;
  const [a, b, c, d] = sealed.subarray(size) as unknown as [number, number, number, number];
  const kept = (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  return kept === crc32(sealed.subarray(0, size), crc32(key));
}

/** The value without its seal. AppError DATA_CORRUPT when the disk did not keep what it was given. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (isSealed(key, sealed)) return sealed.subarray(0, sealed.length - SEAL_SIZE);
  throw new AppError('DATA_CORRUPT', 'A record of the store’s data file is damaged.', {
    extensions: { file: 'store/data.mdb' },
  });
}
