import { crc32 } from 'node:zlib';
import { AppError } from '../../lib/errors.ts';
import type { OutgoingRecord } from '../bus.ts';

/** A record with the time the log took it. */
export interface StoredRecord extends OutgoingRecord {
  readonly timestamp: number;
}

/** crc32 of all that follows (4 bytes), length of the head (4), head as JSON `[timestamp, key, headers]`, value as it came. */
const PREFIX_BYTES = 8;

/** Bytes of a record in the log. */
export function encodeRecord({ timestamp, key, headers, value }: StoredRecord): Buffer {
  const head = JSON.stringify([timestamp, key, headers]);
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + headBytes + value.byteLength);
  bytes.writeUInt32LE(headBytes, 4);
  bytes.write(head, PREFIX_BYTES);
  bytes.set(value, PREFIX_BYTES + headBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** The record of these bytes. AppError DATA_CORRUPT when they are not what was written. */
export function decodeRecord(bytes: Buffer): StoredRecord {
  if (bytes.length < PREFIX_BYTES || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0))
    throw new AppError('DATA_CORRUPT', 'A record of the event log does not match its checksum.');
  const valueAt = PREFIX_BYTES + bytes.readUInt32LE(4);
  const [timestamp, key, headers] = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, valueAt));
  return { timestamp, key, headers, value: bytes.subarray(valueAt) };
}
