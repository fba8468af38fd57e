import type { Message, Options } from 'amqplib';
import type { BusRecord, OutgoingRecord } from '../bus.ts';
import type { Place } from './names.ts';

const KEY = 'tributary_key';
const TIME = 'tributary_time';
const PACKED = 'tributary_packed';
/** The type of the record that begins each log and is shown to nobody. */
const FIRST = 'tributary.first';
/** Names that can stand as they are, next to the broker's `x-` and our own. */
const PLAIN_NAME = /^(?!x-|tributary_|__proto__$)[\w.-]{1,128}$/;
/** Key and headers must fit one frame (128 KiB) with room to spare; more travels before the value. */
const PLAIN_BYTES = 32_768;

/**
 * Each log begins with one record that nobody sees. So a log is never empty, and "the last record" always has an answer;
 * the broker has no other word for "there is nothing".
 */
export const FIRST_RECORD = { content: Buffer.alloc(0), options: { type: FIRST } } as const;

/** Whether this is the record that nobody sees. */
export function isFirst({ properties }: Message): boolean {
  return properties.type === FIRST;
}

/** Where the stream has a message, counted from the record that nobody sees. */
export function streamOffset({ properties }: Message): number {
  return Number(properties.headers?.['x-stream-offset']);
}

/** When its writer sent it, in milliseconds since the epoch. */
export function timeOf({ properties }: Message): number {
  return Number(properties.headers?.[TIME] ?? 0);
}

/** A record as a message: headers under their own names and the value as it is, so that other clients can read it too. */
export function toMessage(record: OutgoingRecord, time: number): { content: Buffer; options: Options.Publish } {
  const { key, value, headers } = record;
  const content = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const timestamp = Math.floor(time / 1_000);
  if (isPlain(record)) return { content, options: { timestamp, headers: { ...headers, [KEY]: key, [TIME]: time } } };
  const packed = Buffer.from(JSON.stringify([key, headers]));
  return {
    content: Buffer.concat([packed, content]),
    options: { timestamp, headers: { [PACKED]: packed.byteLength, [TIME]: time } },
  };
}

function isPlain({ key, headers }: OutgoingRecord): boolean {
  let bytes = key.length;
  for (const [name, text] of Object.entries(headers)) {
    if (!PLAIN_NAME.test(name)) return false;
    bytes += name.length + text.length;
  }
  return bytes * 3 <= PLAIN_BYTES;
}

/** A message as a record. */
export function toBusRecord({ topic, partition }: Place, message: Message): BusRecord {
  const offset = streamOffset(message) - 1;
  const facts = { topic, partition, offset, timestamp: timeOf(message) };
  const packed = message.properties.headers?.[PACKED];
  if (typeof packed === 'number') {
    const [key, headers] = JSON.parse(message.content.toString('utf8', 0, packed)) as [string, Record<string, string>];
    return { ...facts, key, headers, value: message.content.subarray(packed) };
  }
  const own = Object.entries(message.properties.headers ?? {}).filter(([name]) => PLAIN_NAME.test(name));
  const headers = Object.fromEntries(own.map(([name, text]) => [name, String(text)]));
  return { ...facts, key: String(message.properties.headers?.[KEY] ?? ''), headers, value: message.content };
}

/** The partition of a key: FNV-1a with a final mix, over UTF-8. Never to be changed: the order per key hangs on it. */
export function partitionOf(key: string, partitions: number): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(key)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return ((value ^ (value >>> 13)) >>> 0) % partitions;
}
