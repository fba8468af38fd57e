import { AppError } from '../lib/errors.ts';
import type { OutgoingRecord } from './bus.ts';

/** Key, value and headers of a record together, in bytes: what a Kafka broker takes by default, less room for dead-letter headers. */
export const MAX_RECORD_BYTES = 1_000_000;

const TOPIC_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,197}[a-z0-9])?$/;
const GROUP_NAME = /^[\w.:-]{1,200}$/;

/** Size of a record as the limit counts it. */
export function recordBytes(record: OutgoingRecord): number {
  let bytes = Buffer.byteLength(record.key) + record.value.byteLength;
  for (const [name, text] of Object.entries(record.headers)) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}

/** AppError PAYLOAD_TOO_LARGE when a record is over `MAX_RECORD_BYTES`: told before anything of its batch is written. */
export function requireRecordSizes(topic: string, records: readonly OutgoingRecord[]): void {
  for (const record of records) {
    const bytes = recordBytes(record);
    if (bytes > MAX_RECORD_BYTES)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `A record for ${topic} has ${bytes} bytes; ${MAX_RECORD_BYTES} are taken.`,
        {
          extensions: { topic, limit: MAX_RECORD_BYTES },
        },
      );
  }
}

/** AppError EVENT_INVALID unless the name is lower-case letters, digits, dots and hyphens: legal on every broker, safe in keys. */
export function requireTopicName(name: string): void {
  if (!TOPIC_NAME.test(name)) throw new AppError('EVENT_INVALID', `${JSON.stringify(name)} is not a topic name.`);
}

/** AppError EVENT_INVALID unless the name is 1 to 200 of letters, digits and `_.:-`. */
export function requireGroupName(name: string): void {
  if (!GROUP_NAME.test(name)) throw new AppError('EVENT_INVALID', `${JSON.stringify(name)} is not a group name.`);
}

/** The error of a topic that nobody made. */
export function unknownTopic(topic: string): AppError {
  return new AppError('EVENT_INVALID', `There is no topic ${JSON.stringify(topic)}.`, { extensions: { topic } });
}
