import { encodeValue, shorten } from '../value/key.ts';

/** lmdb refuses keys over 1,978 bytes: store id 4, fields 1,000, record key 800 stay below. */
export const RECORD_KEY_LIMIT = 800;
/** Bytes of an index key before the record key. */
export const INDEX_FIELDS_LIMIT = 1000;

/** The key of a document within its collection: its encoded `_id`. */
export function toRecordKey(id: unknown): string {
  return shorten(encodeValue(id), RECORD_KEY_LIMIT);
}

/** Whether a record key stands for a longer one: such keys are in no order among those alike so far. */
export function isLongId(recordKey: string): boolean {
  return recordKey.length === RECORD_KEY_LIMIT;
}
