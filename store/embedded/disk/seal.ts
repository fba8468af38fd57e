import { crc32 } from 'node:zlib';
import { AppError } from '../../../lib/errors.ts';

/** Says of a file that its values are sealed. It stands before every store, so it is the first key there is. */
export const SEALED_MARK = '\x00\x00\x00\x00sealed';

/** Bytes a seal adds to a value. */
export const SEAL_SIZE = 4;

/** The value with a checksum of its key and itself behind it (CRC-32, zlib's). */
export function seal(key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(value.length + SEAL_SIZE);
  sealed.set(value);
  sealed.writeUInt32LE(crc32(value, crc32(key)), value.length);
  return sealed;
}

function sealOf(sealed: Uint8Array, at: number): number {
  const high = (sealed[at + 3] as number) << 24;
  return ((sealed[at] as number) | ((sealed[at + 1] as number) << 8) | ((sealed[at + 2] as number) << 16) | high) >>> 0;
}

/** The value, or null when its seal is not that of this key and value. */
function opened(key: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  const size = sealed.length - SEAL_SIZE;
  if (size < 0) return null;
  const value = sealed.subarray(0, size);
  return crc32(value, crc32(key)) === sealOf(sealed, size) ? value : null;
}

/** Whether the seal is that of this key and value. */
export function isSealed(key: Uint8Array, sealed: Uint8Array): boolean {
  return opened(key, sealed) !== null;
}

/** The value without its seal. AppError DATA_CORRUPT when the disk did not keep what it was given. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const value = opened(key, sealed);
  if (value) return value;
  throw new AppError('DATA_CORRUPT', 'A record of the store’s data file is damaged.', {
    extensions: { file: 'store/data.mdb' },
  });
}
